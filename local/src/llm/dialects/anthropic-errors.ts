// Anthropic's errors in their own words.
import type { Failure } from './dialect.ts';

export const anthropicErrors = {
  unauthenticated: [401, 'authentication_error'],
  forbidden: [403, 'permission_error'],
  invalid: [400, 'invalid_request_error'],
  'not-found': [404, 'not_found_error'],
  'no-model': [404, 'not_found_error'],
  unpaid: [402, 'billing_error'],
  'dead-money': [429, 'rate_limit_error'],
  'too-large': [413, 'request_too_large'],
  'context-length': [400, 'invalid_request_error'],
  'rate-limited': [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  internal: [500, 'api_error'],
} as const;

export const anthropicErrorBody = ({ kind, message }: Failure, requestId: string) => ({
  type: 'error',
  error: {
    type: anthropicErrors[kind][1],
    message,
    ...(kind === 'dead-money' && { details: { error_code: 'enforced_spend_limit_reached' } }),
  },
  request_id: requestId,
});
