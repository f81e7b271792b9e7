// Misbehaviour on demand, in one vocabulary for two ways to ask for it: a rule over the admin API, or a marker that a user
// writes into the prompt, such as `[[stand-in: 429 retry-after=2 times=1 provider=anthropic]]`. A marker wins over the rules,
// and the first rule that matches wins over later ones.
import { z } from 'zod';
import { type Prompt, type Provider, userText } from './prompt.ts';
import { type Random, seededRandom, sha256 } from './random.ts';
import { markersIn } from './markers.ts';

const providers = ['anthropic', 'openai', 'google'] as const satisfies readonly Provider[];

const plainKinds = [
  '400', // the request is refused for what is in it
  '401', // the key is refused
  '402', // there is no money on the account
  '403', // the key may not use this model
  '404', // there is no such model
  '413', // a proxy refuses the size, in HTML
  '500',
  'html', // a proxy answers with a page of its own, status 502
  'dead-money', // 429 that no waiting cures: what may be spent has been spent
  '529', // overloaded: 529 where Anthropic answers, 503 elsewhere
  'context-length', // the prompt is refused as too long
  'content-filter', // a filter stops the answer before its first word
  'refusal', // the model declines: no words, or a refusal; Gemini has no candidate at all
  'late-refusal', // half of the answer, then it is filtered
  'empty', // ends well, and says nothing
  'pause-turn', // to be continued by another request
  'reset', // the connection is reset before a response
  'hang', // nothing is ever answered
  'hold', // answered well, but not before the rules are replaced
  'stall', // the first half of the answer, then silence
  'cut', // the first half of the answer, then the connection is destroyed
  'truncate', // the stream ends in good order, but early
  'early-error', // the provider's error within the stream, before the first token
  'stream-error', // the provider's error in the middle of the stream
  'text-code-error', // the same; where the code of errors is a number, it is a word
  'malformed-chunk', // a chunk, or the body, is not JSON
  'garbage', // prose where JSON was asked for
  'half-json', // JSON that stops in the middle, reported as complete
  'late-usage', // the token counts come in the last event only
  'no-usage', // no token counts at all
  'unknown-events', // events, chunks and fields of a newer API
  'crlf', // a stream whose lines end in CR LF
] as const;

const milliseconds = z.int().nonnegative().max(600_000);

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(plainKinds) }),
  z.strictObject({
    kind: z.literal('429'),
    retryAfterSeconds: z.number().nonnegative().optional(),
    /** How the header says so: in seconds, as a date, or as `retry-after-ms`. Google says it in the body. */
    form: z.enum(['seconds', 'date', 'ms']).default('seconds'),
    /** `x-should-retry`, which overrules the SDKs. */
    shouldRetry: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('latency'), ms: milliseconds }),
  // Silence before the first token, and pings meanwhile where the provider has them.
  z.strictObject({ kind: z.literal('slow-first-token'), ms: milliseconds, pingMs: milliseconds.default(15_000) }),
  // Silence in the middle; then the stream goes on.
  z.strictObject({ kind: z.literal('gap'), ms: milliseconds }),
  // The body ends after so many bytes, wherever that is: in good order, or with a reset.
  z.strictObject({
    kind: z.literal('cut-at'),
    bytes: z.int().nonnegative(),
    how: z.enum(['close', 'reset']).default('close'),
  }),
  // The body comes in pieces of so many bytes.
  z.strictObject({ kind: z.literal('fragments'), bytes: z.int().positive() }),
  // Another model answers, and says so.
  z.strictObject({ kind: z.literal('other-model'), model: z.string().min(1) }),
  // The answer tries to give orders: in a field that nobody asked for, or within a text that was asked for.
  z.strictObject({ kind: z.literal('injection'), where: z.enum(['field', 'text']).default('field') }),
]);
export type Fault = z.output<typeof fault>;
export type FaultKind = Fault['kind'];
/** Those that need nothing but their name. */
export type PlainFaultKind = (typeof plainKinds)[number];

const condition = {
  provider: z.enum(providers).optional(),
  /** At most so many times; without it, for ever. */
  times: z.int().positive().optional(),
};

export const faultRule = z.strictObject({
  ...condition,
  model: z.string().optional(),
  /** A part of what the user wrote. */
  contains: z.string().min(1).optional(),
  /** The share of matching requests that are hit: the same ones for the same seed. */
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().nonnegative().default(1),
  fault,
});
export type FaultRule = z.input<typeof faultRule>;
type ParsedRule = z.output<typeof faultRule>;

const markerFault = z.object({ ...condition, fault });

/** The option that `name=value` means. */
const valued: Readonly<Partial<Record<string, string>>> = {
  'cut-at': 'bytes',
  fragments: 'bytes',
  'other-model': 'model',
};

const typed = (text: string | undefined): unknown => (text !== undefined && /^\d+$/.test(text) ? Number(text) : text);

const aliases: Readonly<Record<string, FaultKind>> = { overloaded: '529', '503': '529' };

const numeric = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** The faults that the user's text asks for; markers that name none are somebody else's. */
const faultsIn = (text: string) =>
  markersIn(text).flatMap(({ name, value, options }) => {
    const { provider, times, 'retry-after': retryAfter, ...others } = options;
    const more = Object.entries(others).map(([key, text]) => [key, typed(text)] as const);
    const parsed = markerFault.safeParse({
      provider,
      times: numeric(times),
      fault: {
        kind: aliases[name] ?? name,
        ...(value !== undefined && { [valued[name] ?? 'ms']: typed(value) }),
        ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) }),
        ...Object.fromEntries(more),
      },
    });
    return parsed.success ? [parsed.data] : [];
  });

/** How many texts with a counting marker are remembered. */
const MAX_COUNTED_TEXTS = 1000;

interface ActiveRule {
  readonly rule: ParsedRule;
  readonly random: Random;
  hits: number;
}

/** Decides for each request whether it is answered well. */
export class FaultPlan {
  #rules: ActiveRule[] = [];
  #replaced = new AbortController();
  readonly #markerHits = new Map<string, number>();

  /** Replaces all rules. Throws a ZodError when one does not fit. */
  setRules(rules: readonly unknown[]): void {
    this.#rules = z
      .array(faultRule)
      .parse(rules)
      .map((rule) => ({ rule, random: seededRandom(rule.seed), hits: 0 }));
    this.#replaced.abort();
    this.#replaced = new AbortController();
  }

  /** Aborts when the rules of now are replaced. */
  replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  list(): (ParsedRule & { hits: number })[] {
    return this.#rules.map(({ rule, hits }) => ({ ...rule, hits }));
  }

  /** The fault to play for this request; counts it as played. */
  next(provider: Provider, prompt: Prompt): Fault | undefined {
    const text = userText(prompt);
    return this.#fromMarker(provider, text) ?? this.#fromRules(provider, prompt.model, text);
  }

  #fromMarker(provider: Provider, text: string) {
    const wanted = faultsIn(text).find(
      (marker) => (marker.provider ?? provider) === provider && this.#isDue(marker.times, text, marker.fault.kind),
    );
    return wanted?.fault;
  }

  #isDue(times: number | undefined, text: string, kind: FaultKind) {
    if (times === undefined) return true;
    const key = sha256(`${kind}\n${text}`);
    const hits = this.#markerHits.get(key) ?? 0;
    if (hits >= times) return false;
    const [oldest] = this.#markerHits.keys();
    if (this.#markerHits.size >= MAX_COUNTED_TEXTS && oldest !== undefined) this.#markerHits.delete(oldest);
    this.#markerHits.set(key, hits + 1);
    return true;
  }

  #fromRules(provider: Provider, model: string, text: string) {
    const hit = this.#rules.find((active) => matches(active, { provider, model, text }));
    if (hit) hit.hits += 1;
    return hit?.rule.fault;
  }
}

const matches = ({ rule, random, hits }: ActiveRule, request: { provider: Provider; model: string; text: string }) =>
  (rule.provider ?? request.provider) === request.provider &&
  (rule.model ?? request.model) === request.model &&
  (rule.contains === undefined || request.text.includes(rule.contains)) &&
  hits < (rule.times ?? Infinity) &&
  random() < rule.probability;
