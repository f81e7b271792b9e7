// Token counts: estimated from the length of the text, taken apart into disjoint buckets. Each dialect adds them up the way
// its provider reports them.
import type { Prompt } from './prompt.ts';
import { sha256 } from './random.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Providers do not cache a shorter prefix. */
const MIN_CACHED_TOKENS = 1024;

/** How many prefixes are remembered; the one used longest ago goes first. */
const MAX_PREFIXES = 1000;

/** Tokens that were billed; no token is in two buckets. */
export interface Usage {
  readonly inputUncached: number;
  readonly cacheRead: number;
  readonly cacheWriteShort: number;
  readonly cacheWriteLong: number;
  readonly outputVisible: number;
  readonly outputReasoning: number;
}

export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The text that fits into so many tokens. */
export const cutToTokens = (text: string, tokens: number): string => text.slice(0, tokens * CHARACTERS_PER_TOKEN);

export const totalInput = (usage: Usage): number =>
  usage.inputUncached + usage.cacheRead + usage.cacheWriteShort + usage.cacheWriteLong;

const inputTokens = ({ system, turns, tools, output }: Prompt) => {
  const schemas = output.kind === 'json' ? [...tools, output.schema] : tools;
  const schemaTokens = schemas.length === 0 ? 0 : tokensOf(JSON.stringify(schemas));
  return tokensOf(system) + schemaTokens + turns.reduce((sum, turn) => sum + tokensOf(turn.text), 0);
};

/** Which prefixes a provider has seen: the first use writes its cache, later ones read it. */
export class PrefixCache {
  readonly #seen = new Set<string>();

  /** The input buckets of this prompt. `scope` separates accounts and models, which share no cache. */
  measure(prompt: Prompt, scope: string): Omit<Usage, 'outputVisible' | 'outputReasoning'> {
    const total = inputTokens(prompt);
    const buckets = { inputUncached: total, cacheRead: 0, cacheWriteShort: 0, cacheWriteLong: 0 };
    if (!prompt.prefix) return buckets;
    const cached = Math.min(total, tokensOf(prompt.prefix.text));
    if (cached < MIN_CACHED_TOKENS) return buckets;
    const bucket = this.#bucket(prompt.prefix, scope);
    return { ...buckets, inputUncached: total - cached, [bucket]: cached };
  }

  #bucket(prefix: NonNullable<Prompt['prefix']>, scope: string) {
    const key = sha256(`${scope}\n${prefix.text}`);
    const wasSeen = this.#seen.delete(key);
    this.#seen.add(key);
    if (wasSeen) return 'cacheRead';
    if (this.#seen.size > MAX_PREFIXES) this.#forgetOldest();
    return prefix.life === 'long' ? 'cacheWriteLong' : 'cacheWriteShort';
  }

  #forgetOldest() {
    const [oldest] = this.#seen;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
