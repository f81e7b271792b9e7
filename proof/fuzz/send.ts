// Sends one request of the fuzzer over HTTP.
import type { Exchange } from './known.ts';
import type { Request } from './request.ts';

/** Where the API is, or the API itself; and who asks for which operation. */
export interface Client {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly tokenFor: (request: Request) => Promise<string>;
}

const filled = ({ operation, path }: Request): string =>
  operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));

const queryOf = ({ query }: Request): string => {
  const text = new URLSearchParams(Object.entries(query)).toString();
  return text === '' ? '' : `?${text}`;
};

const bodyOf = ({ body }: Request): string | null => (body === undefined ? null : JSON.stringify(body));

/** The request in one line, for people. */
export const printed = (request: Request): string =>
  [
    `${request.operation.method} ${filled(request)}${queryOf(request)}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    bodyOf(request) ?? '',
  ].join(' ');

/** Headers hold bytes: what is no Latin-1 goes as the bytes of its UTF-8. */
const headerText = (text: string) => Buffer.from(text).toString('latin1');

const jsonOf = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};

export const send = async ({ fetch, tokenFor }: Client, request: Request): Promise<Exchange> => {
  const body = bodyOf(request);
  const response = await fetch(`${filled(request)}${queryOf(request)}`, {
    method: request.operation.method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${await tokenFor(request)}`,
      ...(body !== null && { 'content-type': 'application/json' }),
      ...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, headerText(value)])),
    },
    body,
  });
  const { status, headers } = response;
  return { operation: request.operation, status, headers, json: jsonOf(await response.text()), path: request.path };
};
