// What OpenAI's two APIs have in common.
import { bearer, type Dialect, event, type Failure } from './dialect.ts';

const errors = {
  unauthenticated: [401, 'invalid_request_error', 'invalid_api_key'],
  invalid: [400, 'invalid_request_error', null],
  'not-found': [404, 'invalid_request_error', 'unknown_url'],
  'too-large': [413, 'invalid_request_error', 'request_too_large'],
  'context-length': [400, 'invalid_request_error', 'context_length_exceeded'],
  'rate-limited': [429, 'requests', 'rate_limit_exceeded'],
  overloaded: [503, 'service_unavailable_error', 'server_is_overloaded'],
  internal: [500, 'server_error', null],
} as const;

const errorBody = ({ kind, message }: Failure) => {
  const [, type, code] = errors[kind];
  return { error: { message, type, param: null, code } };
};

export const openaiErrors: Pick<Dialect, 'provider' | 'key' | 'error' | 'errorEvent'> = {
  provider: 'openai',
  key: (headers) => bearer(headers),
  error: (failure) => ({ status: errors[failure.kind][0], body: errorBody(failure) }),
  errorEvent: (failure) => event(errorBody(failure)),
};

export const reasons = (effort: string | null | undefined): boolean => effort != null && effort !== 'none';
