// What kind of model answers: how much it thinks, how often it decides, objects, asks and errs, and how fast it speaks. Everything
// follows from the seed and the piece of work: the same work meets the same character on any machine, in any order.
import { z } from 'zod';
import type { Effort } from './prompt.ts';
import { type Random, seededRandom, seedOf, sha256 } from './random.ts';

const rate = z.number().min(0).max(1).default(0);

export const characterOptions = z.strictObject({
  seed: z.int().nonnegative().default(1),
  /** Tokens that an answer is thought about at medium effort, on average; 0 leaves it at the few that a request asks for. */
  thinking: z.int().nonnegative().max(100_000).default(0),
  /** The share of works that state decisions nobody asked for. */
  decisions: rate,
  /** The share of artifacts whose first version has a flaw: it passes the checks, and a reviewer objects to it. */
  objections: rate,
  /** The share of works that ask before they deliver, where they may. */
  questions: rate,
  /** The share of first answers that cannot be used as they are: refused by the checks, or with something around the JSON. */
  errors: rate,
  /** The share of works that the model declines. */
  refusals: rate,
  /** How fast answers come; without it, as fast as the machine can. */
  speed: z
    .strictObject({
      firstTokenMs: z.int().nonnegative().max(600_000).default(1_200),
      tokensPerSecond: z.number().positive().max(1_000_000).default(70),
    })
    .optional(),
});
export type CharacterOptions = z.input<typeof characterOptions>;
export type Character = z.output<typeof characterOptions>;
export type Speed = NonNullable<Character['speed']>;

/** Thinks, states, doubts and errs never. */
export const calm: Character = characterOptions.parse({});

/** About what a team of real models does; the seed tells a story with a little of everything. */
export const natural: Character = characterOptions.parse({
  seed: 7,
  thinking: 900,
  decisions: 0.5,
  objections: 0.15,
  questions: 0.08,
  errors: 0.15,
});

const withDefaults = z.union([
  z.literal('calm').transform(() => calm),
  z.literal('natural').transform(() => natural),
  characterOptions,
]);

/** Reads a character: `calm`, `natural`, or its options. Throws a ZodError when it does not fit. */
export const readCharacter = (value: unknown): Character => withDefaults.parse(value);

/** The same from a word or JSON, as a command line or the environment has it. */
export const characterFromText = (text: string): Character =>
  readCharacter(text.trim().startsWith('{') ? JSON.parse(text) : text.trim());

/** A piece of work, told apart from every other: the same one when another provider is asked for it. */
export interface Work {
  readonly task: string;
  readonly assignment: string;
  /** The kind of artifact, or what else is asked. */
  readonly purpose: string;
  /** How many answers were refused before this one. */
  readonly round: number;
  /** It was delivered before, and is to be delivered again. */
  readonly again: boolean;
}

/** Random numbers for one trait in one piece of work; other traits do not shift them. */
export const traitOf = ({ seed }: Character, trait: string, work: Work): Random =>
  seededRandom(seedOf(sha256(JSON.stringify([seed, trait, work.task, work.assignment, work.purpose, work.again]))));

/** Whether the trait shows in this piece of work. */
export const shows = (
  character: Character,
  trait: 'decisions' | 'objections' | 'questions' | 'errors' | 'refusals',
  work: Work,
): boolean => traitOf(character, trait, work)() < character[trait];

const factors: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 0.1,
  low: 0.4,
  medium: 1,
  high: 2,
  xhigh: 3,
  max: 4,
};

const LEAST_SHARE = 0.4;
const SPREAD = 1.2;

/** How many tokens the work is thought about: more at higher effort, never more than the budget. */
export const thinkingTokens = (
  character: Character,
  work: Work,
  { effort, budget = Infinity }: { readonly effort: Effort; readonly budget?: number | undefined },
): number => {
  const share = LEAST_SHARE + SPREAD * traitOf(character, 'thinking', work)();
  return Math.min(budget, Math.round(character.thinking * factors[effort] * share));
};
