// Strings that fit a schema, made of the words of the request.
import type { JsonSchema } from '../prompt.ts';
import { integerBetween, pick, type Random } from '../random.ts';
import type { Subject } from '../subject.ts';
import { asNumber } from './resolve.ts';

const hexDigits = (random: Random, count: number) =>
  Array.from({ length: count }, () => integerBetween(random, 0, 15).toString(16)).join('');

const uuid = (random: Random) =>
  [8, 4, '4', 3, 'a', 3, 12].reduce<string>((text, part, index) => {
    const separator = [1, 2, 4, 6].includes(index) ? '-' : '';
    return text + separator + (typeof part === 'string' ? part : hexDigits(random, part));
  }, '');

/** Dates lie in one fixed year: an answer must not depend on when it is asked for. */
const YEAR_START = Date.UTC(2026, 0, 1);
const SECONDS_PER_YEAR = 365 * 24 * 3600;

const dateTime = (random: Random) =>
  new Date(YEAR_START + integerBetween(random, 0, SECONDS_PER_YEAR - 1) * 1000).toISOString();

const formats: Readonly<Record<string, (random: Random, slug: string) => string>> = {
  'date-time': dateTime,
  date: (random) => dateTime(random).slice(0, 10),
  time: (random) => dateTime(random).slice(11),
  duration: (random) => `PT${integerBetween(random, 1, 59)}M`,
  uri: (_, slug) => `https://docs.test/${slug}`,
  url: (_, slug) => `https://docs.test/${slug}`,
  'uri-reference': (_, slug) => `/${slug}`,
  email: (_, slug) => `${slug}@mail.test`,
  hostname: (_, slug) => `${slug}.test`,
  ipv4: (random) => `10.0.0.${integerBetween(random, 1, 254)}`,
  ipv6: (random) => `fd00::${hexDigits(random, 4)}`,
  uuid,
};

/** One sentence; the property's name decides what it speaks of. */
const sentences: Readonly<Record<string, (subject: Subject) => string>> = {
  summary: ({ title }) => `Done: ${title}.`,
  reason: ({ words }) => `The request speaks of ${words.slice(0, 3).join(', ')}.`,
  instructions: ({ title }) => `Work on this part of "${title}" and keep to the contracts that were agreed.`,
  description: ({ title }) => `What is needed for "${title}".`,
  notes: ({ words }) => `Watch the handling of ${words.slice(0, 2).join(' and ')}.`,
};

const phrase = (random: Random, { words }: Subject) =>
  Array.from({ length: integerBetween(random, 2, 5) }, () => pick(random, words)).join(' ');

/** Cuts at `longest`, then adds words until `shortest` is reached: never an empty or blank-edged string when there is room. */
const fit = (text: string, { shortest, longest }: Bounds, filler: () => string) => {
  let fitted = text;
  while (fitted.length < shortest) fitted += ` ${filler()}`;
  if (fitted.length <= longest) return fitted;
  const cut = fitted.slice(0, longest);
  return /^\s|\s$/.test(cut) ? cut.replaceAll(/\s/g, '-') : cut;
};

interface Bounds {
  readonly shortest: number;
  readonly longest: number;
}

const boundsOf = (schema: JsonSchema): Bounds => ({
  shortest: asNumber(schema['minLength']) ?? 0,
  longest: asNumber(schema['maxLength']) ?? Infinity,
});

const isWithin = (text: string, { shortest, longest }: Bounds) => text.length >= shortest && text.length <= longest;

/** Common shapes of identifiers, tried in order where a pattern is asked for. */
const shapes = (random: Random, { words }: Subject): string[] => {
  const word = pick(random, words).replaceAll(/[^a-z]/g, '') || 'x';
  const number = integerBetween(random, 1, 9);
  const shapesOfWord = [word, `${word}-${number}`, `${word}_${number}`, word.toUpperCase(), `/${word}`, `${number}`];
  const codes = [`${number}.0.${number}`, `${number}.0`, `v${number}`, hexDigits(random, 8), hexDigits(random, 64)];
  const capitalised = word.charAt(0).toUpperCase() + word.slice(1);
  return [
    ...shapesOfWord,
    capitalised,
    word.charAt(0),
    ...codes,
    ...Object.values(formats).map((f) => f(random, word)),
  ];
};

/** The schema's pattern; undefined when there is none, or one that this engine does not understand. */
export const patternOf = (schema: JsonSchema): RegExp | undefined => {
  if (typeof schema['pattern'] !== 'string') return undefined;
  try {
    return new RegExp(schema['pattern'], 'u');
  } catch {
    return undefined;
  }
};

/**
 * A string for the schema. A `pattern` is met when one of the common shapes fits it; otherwise the answer breaks the pattern,
 * as a model's may.
 */
export const textFor = (schema: JsonSchema, name: string, random: Random, subject: Subject): string => {
  const bounds = boundsOf(schema);
  const format = formats[String(schema['format'])];
  if (format) return format(random, pick(random, subject.words));
  const pattern = patternOf(schema);
  if (pattern) {
    const fitting = shapes(random, subject).find((shape) => pattern.test(shape) && isWithin(shape, bounds));
    if (fitting !== undefined) return fitting;
  }
  const text = sentences[name]?.(subject) ?? phrase(random, subject);
  return fit(text, bounds, () => pick(random, subject.words));
};
