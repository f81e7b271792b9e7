// The requests' way through: find the dialect, read the body, check the key, then answer or misbehave.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Answer, answer } from './answer.ts';
import type { Character, Speed } from './character.ts';
import type { DefectPlan } from './defects.ts';
import { playBeforeAnswer, type Delivery, type Pace, sendBody, sendFailure, sendStream } from './delivery.ts';
import { anthropic } from './dialects/anthropic.ts';
import { type Address, type Dialect, Refusal, STREAM_PIECES } from './dialects/dialect.ts';
import { gemini } from './dialects/gemini.ts';
import { openaiChat } from './dialects/openai-chat.ts';
import { openaiResponses } from './dialects/openai-responses.ts';
import type { FaultPlan } from './faults.ts';
import type { Prompt } from './prompt.ts';
import { seedOf, sha256 } from './random.ts';
import type { LlmRequestRecord, RequestLog } from './request-log.ts';
import type { PrefixCache } from './usage.ts';

export interface Providers {
  readonly log: RequestLog;
  readonly faults: FaultPlan;
  readonly prefixes: PrefixCache;
  readonly defects: DefectPlan;
  /** The model's character of the moment. */
  readonly mood: { character: Character };
  /** Before an answer begins; undefined for 20 to 60 ms, depending on the request. */
  readonly latencyMs: number | undefined;
}

interface Route {
  readonly dialect: Dialect;
  readonly endpoint: string;
  readonly address: Address;
}

const fixedRoutes: Readonly<Record<string, Dialect>> = {
  '/anthropic/v1/messages': anthropic,
  '/openai/v1/chat/completions': openaiChat,
  '/openai/v1/responses': openaiResponses,
};

const geminiPath = /^\/gemini\/v1(?:beta|alpha)?\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

const routeOf = (path: string): Route | undefined => {
  const dialect = fixedRoutes[path];
  if (dialect) return { dialect, endpoint: path, address: { model: '', method: '' } };
  const [, model, method] = geminiPath.exec(path) ?? [];
  if (model === undefined || method === undefined) return undefined;
  return { dialect: gemini, endpoint: `/gemini/${method}`, address: { model: decodeURIComponent(model), method } };
};

const prefixes: readonly (readonly [string, Dialect])[] = [
  ['/anthropic/', anthropic],
  ['/openai/', openaiChat],
  ['/gemini/', gemini],
];

/** The provider whose address it is, even when the path is unknown there. */
const dialectOf = (path: string) => prefixes.find(([prefix]) => path.startsWith(prefix))?.[1];

/** As the providers limit it. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The body; undefined when it is too large. */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
};

const LOWEST_LATENCY_MS = 20;
const LATENCY_SPREAD_MS = 41;
const PIECE_MS = 2;

const usualPace = (latencyMs: number | undefined, bodyHash: string): Pace => ({
  firstMs: latencyMs ?? LOWEST_LATENCY_MS + (seedOf(bodyHash) % LATENCY_SPREAD_MS),
  pieceMs: latencyMs === 0 ? 0 : PIECE_MS,
  contentMs: 0,
});

/** Thinking takes its time before the first word, and a faster model is faster at both. */
const paceAt = ({ firstTokenMs, tokensPerSecond }: Speed, { usage }: Answer): Pace => {
  const msOf = (tokens: number) => (tokens / tokensPerSecond) * 1000;
  const contentMs = msOf(usage.outputVisible);
  return { firstMs: firstTokenMs + msOf(usage.outputReasoning), pieceMs: contentMs / STREAM_PIECES, contentMs };
};

const parsePrompt = ({ dialect, address }: Route, body: Buffer): Prompt => {
  try {
    return dialect.parse(JSON.parse(body.toString()), address);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal({ kind: 'invalid', message: 'The body is not valid JSON.' });
    if (!(error instanceof z.ZodError)) throw error;
    const issues = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Refusal({ kind: 'invalid', message: issues.join('; ') });
  }
};

/** Aborts when the connection closes before the response is finished. */
const signalOf = (response: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
};

const recordOf = (route: Route, id: string): LlmRequestRecord => ({
  id,
  time: new Date().toISOString(),
  provider: route.dialect.provider,
  endpoint: route.endpoint,
  model: null,
  stream: false,
  bodySha256: '',
  outcome: 'pending',
  fault: null,
  status: null,
  usage: null,
  durationMs: null,
});

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

type Amend = ReturnType<RequestLog['add']>;

/** Answers one request to a provider. */
export const serveProvider = async (providers: Providers, exchange: Exchange, id: string): Promise<void> => {
  const { response, url } = exchange;
  const found = exchange.request.method === 'POST' ? routeOf(url.pathname) : undefined;
  const dialect = found?.dialect ?? dialectOf(url.pathname) ?? openaiChat;
  const route = found ?? { dialect, endpoint: url.pathname, address: { model: '', method: '' } };
  const started = performance.now();
  const amend = providers.log.add(recordOf(route, id));
  try {
    if (!found) throw new Refusal({ kind: 'not-found', message: `There is no ${url.pathname}.` });
    await serveKnown(providers, { ...exchange, route, id, amend });
  } catch (error) {
    fail(error, { response, dialect, requestId: id }, amend);
  } finally {
    amend({ status: response.headersSent ? response.statusCode : null, durationMs: performance.now() - started });
  }
};

const fail = (error: unknown, delivery: Pick<Delivery, 'response' | 'dialect' | 'requestId'>, amend: Amend) => {
  if (error instanceof Refusal) {
    amend({ outcome: 'rejected' });
    sendFailure(delivery, error.failure);
  } else if (delivery.response.destroyed) {
    amend({ outcome: 'aborted' });
  } else {
    throw error;
  }
};

const serveKnown = async (
  providers: Providers,
  { request, response, url, route, id, amend }: Exchange & { route: Route; id: string; amend: Amend },
): Promise<void> => {
  const { faults, defects, mood, latencyMs } = providers;
  const { dialect } = route;
  const signal = signalOf(response);
  const body = await readBody(request);
  const account = dialect.key(request.headers, url.searchParams);
  if (!account) throw new Refusal({ kind: 'unauthenticated', message: 'No API key was provided.' });
  if (!body) throw new Refusal({ kind: 'too-large', message: `The body exceeds ${MAX_BODY_BYTES} bytes.` });
  const bodySha256 = sha256(body);
  amend({ bodySha256 });
  const prompt = parsePrompt(route, body);
  const fault = faults.next(dialect.provider, prompt);
  amend({ model: prompt.model, stream: prompt.stream, fault: fault?.kind ?? null });
  const released = faults.replaced();
  const usual = { response, dialect, requestId: id, fault, pace: usualPace(latencyMs, bodySha256), released, signal };
  const early = await playBeforeAnswer(usual);
  if (early) return amend({ outcome: early });
  const { character } = mood;
  const made = answer({ prompt, id, account, fault, character, defects }, providers.prefixes);
  amend({ usage: made.usage });
  const delivery = character.speed ? { ...usual, pace: paceAt(character.speed, made) } : usual;
  const outcome = prompt.stream
    ? await sendStream(delivery, dialect.stream(prompt, made))
    : await sendBody(delivery, dialect.body(prompt, made));
  amend({ outcome: signal.aborted && outcome === 'answered' ? 'aborted' : outcome });
};
