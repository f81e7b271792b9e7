// How many tokens a request may be at most, without the tokenizer of any model: an upper bound for budgets, not a forecast. Pure.
import type { LlmRequest } from './schemas.ts';

/** The densest text met is one token to two bytes of UTF-8: JSON full of quotes and escapes. Prose takes four bytes or more. */
const BYTES_PER_TOKEN = 2;

/** For what a provider adds around the messages and the schema. */
const FRAME_TOKENS = 500;

export const mostTokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

export const mostInputTokens = ({
  system,
  messages,
  output,
}: Pick<LlmRequest, 'system' | 'messages' | 'output'>): number =>
  mostTokensOf(JSON.stringify([system, messages, output.schema])) + FRAME_TOKENS;
