import { defineErrors } from '../errors.ts';

export const httpErrors = defineErrors('http', {
  unauthenticated: { status: 401, title: 'A bearer token is needed', retry: 'never' },
  invalidToken: { status: 401, title: 'The bearer token is not valid', retry: 'never' },
  forbidden: { status: 403, title: 'You may not do this', retry: 'never' },
  routeNotFound: { status: 404, title: 'There is no such path', retry: 'never' },
  methodNotAllowed: { status: 405, title: 'The path does not know this method', retry: 'never' },
  preconditionFailed: { status: 412, title: 'It was changed since you read it', retry: 'never' },
  preconditionRequired: { status: 428, title: 'An If-Match header is needed', retry: 'never' },
  malformedRequest: { status: 400, title: 'The request is not well-formed', retry: 'never' },
  requestTimeout: { status: 408, title: 'The request took too long to arrive', retry: 'later' },
  urlTooLong: { status: 414, title: 'The URL is too long', retry: 'never' },
  unsupportedContentEncoding: { status: 415, title: 'The body must not be compressed', retry: 'never' },
  headersTooLarge: { status: 431, title: 'The headers are too large', retry: 'never' },
  bodyTooLarge: { status: 413, title: 'The body is too large', retry: 'never' },
  unsupportedMediaType: { status: 415, title: 'The body must be JSON', retry: 'never' },
  malformedJson: { status: 400, title: 'The body is not well-formed JSON', retry: 'never' },
  nestedTooDeep: { status: 400, title: 'The body is nested too deep', retry: 'never' },
  tooManyRequests: { status: 429, title: 'Too many requests', retry: 'later' },
  tooManyStreams: { status: 429, title: 'Too many event streams are open', retry: 'later' },
  tooManyValues: { status: 400, title: 'The body has too many values', retry: 'never' },
  identityUnavailable: { status: 503, title: 'The token could not be checked, try again', retry: 'later' },
});
