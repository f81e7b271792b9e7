import { describe, expect, test } from '@jest/globals';
import {
  failureKinds,
  mayBeBilled,
  outcomeOf,
  ProviderFailure,
  reportedKind,
  stopsChain,
  transportKind,
  type FailureKind,
} from './failures.ts';
import { usageOf } from './testing/dialects.ts';

describe('a failure', () => {
  test.each<FailureKind>(['refused', 'unpriced', 'aborted'])('that is %s ends the chain', (kind) =>
    expect(stopsChain(kind)).toBe(true),
  );

  test.each<FailureKind>([
    'rate_limited',
    'overloaded',
    'server_error',
    'timeout',
    'connection',
    'unreachable',
    'unauthorized',
    'model_not_found',
    'context_length',
    'malformed',
    'unexpected',
    'silent',
    'exhausted',
    'bad_request',
    'unusable',
    'paused',
    'truncated',
    'thought_only',
  ])('that is %s leads to the next provider', (kind) => expect(stopsChain(kind)).toBe(false));

  test('has an unknown outcome exactly when the provider may have finished unseen', () => {
    const unknown = failureKinds.filter((kind) => outcomeOf(new ProviderFailure(kind)) === 'unknown');

    expect(unknown).toEqual(['silent', 'timeout', 'connection', 'unexpected']);
  });

  test.each(failureKinds)('that is %s may be billed once the answer had begun, unless the usage is known', (kind) => {
    expect(mayBeBilled(new ProviderFailure(kind, { begun: true }))).toBe(true);
    expect(mayBeBilled(new ProviderFailure(kind, { begun: true, usage: usageOf({}) }))).toBe(false);
  });
});

describe('what a provider reports', () => {
  const report = (status: number | undefined, code = '', message = '') =>
    reportedKind({ status, codes: code === '' ? [] : [code], message, providerRequestId: null });

  test.each<[number | undefined, string, string, FailureKind]>([
    [400, '', '', 'bad_request'],
    [402, '', '', 'exhausted'],
    [408, '', '', 'timeout'],
    [409, '', '', 'server_error'],
    [418, '', '', 'bad_request'],
    [422, 'invalid_request_error', '', 'bad_request'],
    [499, '', '', 'server_error'],
    // Money and quotas that no wait of minutes brings back, whatever the status.
    [429, 'insufficient_quota', '', 'exhausted'],
    [429, 'credit_balance_exhausted', '', 'exhausted'],
    [429, 'organization_spend_limit_exceeded', '', 'exhausted'],
    [429, 'project_spend_limit_exceeded', '', 'exhausted'],
    [429, 'organization_usage_limit_exceeded', '', 'exhausted'],
    [429, 'enforced_spend_limit_reached', '', 'exhausted'],
    [429, 'contract_spend_limit_reached', '', 'exhausted'],
    [402, 'billing_error', '', 'exhausted'],
    [400, 'invalid_request_error', 'You have reached your specified API usage limits.', 'exhausted'],
    [429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.', 'exhausted'],
    [429, 'RESOURCE_EXHAUSTED', 'quota GenerateRequestsPerDayPerProjectPerModel', 'exhausted'],
    [429, 'RESOURCE_EXHAUSTED', 'quota GenerateRequestsPerMinutePerProject', 'rate_limited'],
    [429, 'ramp_limit_exceeded', '', 'rate_limited'],
    [429, 'slow_down', '', 'rate_limited'],
    [400, 'organization_on_hold', '', 'unauthorized'],
    [403, 'unsupported_country_region_territory', '', 'unauthorized'],
    [400, 'FAILED_PRECONDITION', '', 'unauthorized'],
    [403, 'PERMISSION_DENIED', '', 'unauthorized'],
    [404, 'model_not_found', '', 'model_not_found'],
    [404, 'NOT_FOUND', '', 'model_not_found'],
    [400, 'invalid_request_error', 'The model is not enabled for your workspace.', 'bad_request'],
    [400, 'invalid_encrypted_content', '', 'bad_request'],
    [400, 'INVALID_ARGUMENT', '', 'bad_request'],
    [500, 'INTERNAL', '', 'server_error'],
    [503, 'server_is_overloaded', '', 'overloaded'],
    [503, 'cmek_unavailable', '', 'overloaded'],
    [529, 'compaction_unavailable', '', 'overloaded'],
    [409, 'conflict_error', '', 'server_error'],
    [504, 'timeout_error', '', 'timeout'],
    [504, '', '', 'server_error'],
    // A code says more than the status it comes with, and is all there is in a stream.
    [200, 'overloaded_error', '', 'overloaded'],
    [undefined, 'overloaded_error', '', 'overloaded'],
    [undefined, 'rate_limit_exceeded', '', 'rate_limited'],
    [undefined, 'invalid_request_error', '', 'bad_request'],
    [400, 'context_length_exceeded', '', 'context_length'],
    [400, 'content_policy_violation', '', 'refused'],
    [400, 'invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum', 'context_length'],
    [400, '', 'The input token count (9) exceeds the maximum number of tokens allowed (8).', 'context_length'],
    [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'refused'],
    [400, 'invalid_request_error', 'Your credit balance is too low', 'exhausted'],
    // The wording of a server's own failure is no statement about the request.
    [500, '', 'context window service failed', 'server_error'],
  ])('status %s with code "%s" and message "%s" is %s', (status, code, message, kind) => {
    expect(report(status, code, message)).toBe(kind);
  });

  test('is nothing without a status or a known code', () => {
    expect(report(undefined, 'ECONNRESET', 'prompt is too long')).toBeUndefined();
  });
});

describe('an error of the transport', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code });

  test.each<[string, unknown, FailureKind]>([
    ['a refused connection', new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }), 'unreachable'],
    ['a name that does not resolve', new TypeError('fetch failed', { cause: withCode('ENOTFOUND') }), 'unreachable'],
    ['a reset', new TypeError('fetch failed', { cause: withCode('ECONNRESET') }), 'connection'],
    ['a body that is cut off', new TypeError('terminated'), 'connection'],
    ['silence', new TypeError('fetch failed', { cause: withCode('UND_ERR_HEADERS_TIMEOUT') }), 'timeout'],
    ['text that is not JSON', new SyntaxError('Unexpected token E in "ECONNREFUSED"'), 'malformed'],
    ['an answer that the SDK could not read', new TypeError('x is not iterable'), 'malformed'],
    ['a defect', new RangeError('x'), 'unexpected'],
    ['no error at all', undefined, 'unexpected'],
  ])('%s is told by its causes', (_what, error, kind) => {
    expect(transportKind(error)).toBe(kind);
  });

  test('with endless causes is still classified', () => {
    const error = new Error('x');
    error.cause = error;

    expect(transportKind(error)).toBe('unexpected');
  });
});
