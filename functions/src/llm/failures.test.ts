import { describe, expect, test } from '@jest/globals';
import { failureKinds, outcomeOf, reportedKind, stopsChain, transportKind, type FailureKind } from './failures.ts';

describe('a failure', () => {
  test.each<FailureKind>(['bad_request', 'refused', 'truncated', 'unpriced', 'aborted'])(
    'that is %s ends the chain',
    (kind) => expect(stopsChain(kind)).toBe(true),
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
  ])('that is %s leads to the next provider', (kind) => expect(stopsChain(kind)).toBe(false));

  test('has an unknown outcome exactly when the provider may have finished unseen', () => {
    const unknown = failureKinds.filter((kind) => outcomeOf(kind) === 'unknown');

    expect(unknown).toEqual(['timeout', 'connection', 'unexpected']);
  });
});

describe('what a provider reports', () => {
  const report = (status: number | undefined, code = '', message = '') =>
    reportedKind({ status, codes: code === '' ? [] : [code], message, providerRequestId: null });

  test.each<[number | undefined, string, string, FailureKind]>([
    [400, '', '', 'bad_request'],
    [402, '', '', 'unauthorized'],
    [408, '', '', 'timeout'],
    [409, '', '', 'server_error'],
    [418, '', '', 'bad_request'],
    [422, 'invalid_request_error', '', 'bad_request'],
    [429, 'insufficient_quota', '', 'rate_limited'],
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
    [400, 'invalid_request_error', 'Your credit balance is too low', 'unauthorized'],
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
