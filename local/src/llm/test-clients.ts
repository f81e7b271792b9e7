// The official SDKs as tests use them: pointed at the stand-in, with their own retries off.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

const dispatcher = Symbol.for('undici.globalDispatcher.1');
type Realm = Record<symbol, unknown>;

/**
 * Google's SDK reads Node's HTTP dispatcher from the global object, where Jest's sandbox does not show it. `fetch` comes from
 * outside of the sandbox, and so does the global object that its constructor sees.
 */
const showDispatcher = () => {
  const outside = (fetch.constructor as (code: string) => () => Realm)('new Headers(); return globalThis')();
  (globalThis as Realm)[dispatcher] ??= outside[dispatcher];
};

export interface Clients {
  readonly anthropic: Anthropic;
  readonly openai: OpenAI;
  readonly gemini: GoogleGenAI;
}

export const clientsOf = (url: string): Clients => {
  showDispatcher();
  const quiet = { maxRetries: 0, logLevel: 'off' } as const;
  return {
    anthropic: new Anthropic({ apiKey: 'key', baseURL: `${url}/anthropic`, ...quiet }),
    openai: new OpenAI({ apiKey: 'key', baseURL: `${url}/openai/v1`, ...quiet }),
    gemini: new GoogleGenAI({
      apiKey: 'key',
      httpOptions: { baseUrl: `${url}/gemini`, retryOptions: { attempts: 1 } },
    }),
  };
};
