// What is refused by its head, or while it comes.
import { createGzip } from 'node:zlib';
import type { Row } from '../measure.ts';
import type { Stage } from '../stage.ts';
import { connectionCut, outcomeOfSending } from '../wire.ts';

const mebibyte = 1_048_576;

const zeros = function* (count: number) {
  const chunk = Buffer.alloc(mebibyte);
  for (let sent = 0; sent < count; sent += 1) yield chunk;
};

const zipped = async (): Promise<Buffer> => {
  const gzip = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise((resolve) => gzip.once('end', resolve));
  for (const chunk of zeros(300)) {
    if (!gzip.write(chunk)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  gzip.end();
  await ended;
  return Buffer.concat(parts);
};

/** Lets the answer in between two chunks: a client that only writes finds the connection cut before it reads why. */
const endless = async function* () {
  const chunk = Buffer.alloc(65_536, ' ');
  for (;;) yield await new Promise<Buffer>((resolve) => void setImmediate(resolve, chunk));
};

const post = async (
  { suite, tokens }: Stage,
  headers: Record<string, string | number>,
  body: Iterable<Buffer> | AsyncIterable<Buffer>,
): ReturnType<typeof outcomeOfSending> =>
  outcomeOfSending(`${suite.urls.api}/v1/tasks`, {
    headers: { authorization: `Bearer ${tokens.coordinator}`, 'content-type': 'application/json', ...headers },
    body,
  });

const url = (characters: number) => `/v1/tasks?pageToken=${'x'.repeat(characters - '/v1/tasks?pageToken='.length)}`;
const parameters = (count: number) =>
  `/v1/tasks?${Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')}`;
const headers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-header-${index}`, '1']));

const asked = (name: string, path: string, expects: string, extra: Record<string, string> = {}): Row => ({
  name,
  expects: [expects],
  act: async (stage) => ({ ...(await stage.call(path, { headers: extra })), bytes: path.length }),
});

export const edgeRows: readonly Row[] = [
  {
    name: 'gzip of 300 MiB of zeros',
    expects: ['415 http.unsupported_content_encoding'],
    act: async (stage) => {
      const bomb = await zipped();
      const sent = await post(stage, { 'content-encoding': 'gzip', 'content-length': bomb.length }, [bomb]);
      return { ...sent, bytes: bomb.length };
    },
  },
  {
    name: 'a chunked body without an end',
    expects: ['413 http.body_too_large', connectionCut],
    act: async (stage) => post(stage, {}, endless()),
  },
  asked('a URL of 8,192 characters', url(8_192), '400 platform.invalid_input'),
  asked('a URL of 8,193 characters', url(8_193), '414 http.url_too_long'),
  asked('100 query parameters', parameters(100), '200'),
  asked('101 query parameters', parameters(101), '414 http.url_too_long'),
  asked('80 more headers', '/v1/tasks', '200', headers(80)),
  asked('101 more headers', '/v1/tasks', '431 http.headers_too_large', headers(101)),
];
