// How much a request may carry. Pure: decides by the head of a request alone, before a byte of its body is read.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../errors.ts';
import { httpErrors } from './errors.ts';

/** Of a request to the API. */
export const maxBodyBytes = 1_048_576;
/** Of an event: the largest message of Pub/Sub is 10 MB, in base64, with its attributes. */
export const maxEventBytes = 16_777_216;
const maxUrlLength = 8_192;
const maxQueryParameters = 100;
const maxHeaders = 100;

export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values, also of headers that come twice. */
  readonly rawHeaders: readonly string[];
}

const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Why the request is refused, or null: the first of its method, headers, URL and announced body that is out of bounds. */
export const refusalOf = (head: RequestHead, maxBytes: number): AppError | null =>
  refusalOfMethod(head) ?? refusalOfHeaders(head) ?? refusalOfUrl(head.url) ?? refusalOfBody(head.headers, maxBytes);

const refusalOfMethod = ({ method }: RequestHead): AppError | null =>
  methods.includes(method)
    ? null
    : new AppError(httpErrors.methodNotAllowed, { detail: `The API knows: ${methods.join(', ')}.` });

const refusalOfHeaders = ({ headers, rawHeaders }: RequestHead): AppError | null => {
  if (rawHeaders.length / 2 > maxHeaders) {
    return new AppError(httpErrors.headersTooLarge, { detail: `At most ${maxHeaders} headers.` });
  }
  return isHost(headers.host ?? '') ? null : malformed('The Host header is missing or not a host.');
};

// One that a URL would spell otherwise, such as an address in octal, is none.
const isHost = (host: string): boolean => {
  const url = URL.parse(`http://${host}`);
  return url !== null && url.hostname === host.replace(/:\d+$/, '').toLowerCase();
};

// The functions-framework answers these itself, and says nothing.
const ignoredByFramework = /\/(?:favicon\.ico|robots\.txt)(?:\/|$)/i;

// The path may be a whole URL (RFC 9112, section 3.2.2), as proxies are asked for one.
const refusalOfUrl = (url: string): AppError | null => {
  if (url.length > maxUrlLength) {
    return new AppError(httpErrors.urlTooLong, { detail: `At most ${maxUrlLength} characters.` });
  }
  const [path = '', query = ''] = url.split('?', 2);
  if (query.split('&').length > maxQueryParameters) {
    return new AppError(httpErrors.urlTooLong, { detail: `At most ${maxQueryParameters} query parameters.` });
  }
  if (!isPath(path)) return malformed('The path must begin with / and hold no \\.');
  if (ignoredByFramework.test(path)) return new AppError(httpErrors.routeNotFound);
  return isDecodable(path) ? null : malformed('The path holds a % that begins no UTF-8 character.');
};

const isPath = (path: string): boolean =>
  !path.includes('\\') && (path.startsWith('/') || (/^https?:/.test(path) && URL.canParse(path)));

const isDecodable = (path: string): boolean => {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
};

const refusalOfBody = (headers: IncomingHttpHeaders, maxBytes: number): AppError | null => {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const detail = 'Send the body as it is, without Content-Encoding.';
    return new AppError(httpErrors.unsupportedContentEncoding, { detail });
  }
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(maxBytes) : null;
};

const malformed = (detail: string) => new AppError(httpErrors.malformedRequest, { detail });

export const tooLarge = (maxBytes: number): AppError =>
  new AppError(httpErrors.bodyTooLarge, { detail: `At most ${maxBytes} bytes.` });
