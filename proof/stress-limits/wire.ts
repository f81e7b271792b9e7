// Requests as bytes: what a well-behaved client would not send.
import { request, type OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';

export interface Sent {
  readonly method?: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Iterable<Buffer> | AsyncIterable<Buffer>;
}

export interface Answer {
  /** The status, and the code of a problem. */
  readonly outcome: string;
  readonly text: string;
  readonly bytes: number;
}

const problem = z.object({ code: z.string() });

const outcomeOf = (status: number, text: string): string => {
  if (status < 400) return String(status);
  try {
    return `${status} ${problem.parse(JSON.parse(text)).code}`;
  } catch {
    return String(status);
  }
};

const timeoutMs = 120_000;

/** Sends until it is answered: what is left of the body then is not sent. Rejects when there is no answer. */
const send = (
  url: string,
  { method = 'POST', headers, body = [] }: Sent,
  onBytes: (bytes: number) => void,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let bytes = 0;
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request(url, { method, headers, agent: false, signal }, (response) => {
      let text = '';
      const end = () => {
        source.destroy();
        resolve({ outcome: outcomeOf(response.statusCode ?? 0, text), text, bytes });
        outgoing.destroy();
      };
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', end).once('error', end);
    });
    const counted = async function* () {
      for await (const chunk of body) {
        bytes += chunk.length;
        onBytes(bytes);
        yield chunk;
      }
    };
    const source = Readable.from(counted());
    outgoing.once('error', reject);
    source.once('error', () => undefined);
    source.pipe(outgoing);
  });

export const connectionCut = 'connection cut';

const reasonOf = (error: unknown) =>
  /EPIPE|ECONNRESET|socket hang up/.test(String(error)) ? connectionCut : `no answer: ${String(error)}`;

/** Rows tell of a connection that was cut as of any other outcome. */
export const outcomeOfSending = async (url: string, sent: Sent): Promise<Answer> => {
  let bytes = 0;
  const count = (sentBytes: number) => (bytes = sentBytes);
  return send(url, sent, count).catch((error: unknown) => ({ outcome: reasonOf(error), text: '', bytes }));
};
