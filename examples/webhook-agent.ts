// An agent that is called: checks our signature, answers 202 at once and delivers when it is done. Quick work may be answered with 200
// and the output instead.
//
//   BASE_URL=… TOKEN=… SECRET=whsec_… PORT=8787 node examples/webhook-agent.ts
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { carryOut, setting, takeMinutes, type Access, type Directive, type Work } from './agent-api.ts';

export interface WebhookAgent extends Access {
  /** What registering the agent answered as `signingSecret`. */
  readonly secret: string;
  readonly work: Work;
}

const toleranceSeconds = 300;

/** HMAC-SHA256 over `id.timestamp.body`, the key being the base64 part of the secret. */
const isSigned = ({ headers }: IncomingMessage, body: string, secret: string): boolean => {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
  return (signatures ?? '')
    .split(' ')
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
};

export const makeWebhookAgent = ({ secret, work, ...access }: WebhookAgent): Server =>
  createServer((request, response) => {
    void text(request).then(async (body) => {
      if (!isSigned(request, body, secret)) return void response.writeHead(401).end();
      response.writeHead(202).end();
      await carryOut(access, JSON.parse(body) as Directive, work).catch(console.error);
    });
  });

if (import.meta.main) {
  const access = { baseUrl: setting('BASE_URL'), token: setting('TOKEN') };
  const server = makeWebhookAgent({ ...access, secret: setting('SECRET'), work: takeMinutes });
  server.listen(Number(setting('PORT')));
  process.once('SIGINT', () => server.close());
}
