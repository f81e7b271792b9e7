// Values as people read them. Pure.
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const nanoPerUsd = 1_000_000_000n;
const nanoPerMicroUsd = 1_000n;

/** Dollars with six digits after the point, so that single model calls can be told apart; nine when six would show zero. */
export const dollars = (nanoUsd: bigint): string => {
  const size = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const sign = nanoUsd < 0n ? '-' : '';
  const exact = size > 0n && size < nanoPerMicroUsd / 2n;
  const shown = exact ? size : ((size + nanoPerMicroUsd / 2n) / nanoPerMicroUsd) * nanoPerMicroUsd;
  const digits = String(shown % nanoPerUsd).padStart(9, '0');
  return `${sign}$${shown / nanoPerUsd}.${exact ? digits : digits.slice(0, 6)}`;
};

const counting = new Intl.NumberFormat('en-US');

export const count = (value: number): string => counting.format(value);

/** `1 call`, `2 calls`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

/** Text from a model on one line, without anything that a terminal would obey. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();

/** The same for text whose lines matter. */
export const manyLines = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trimEnd());

const graphemes = new Intl.Segmenter();
const charactersOf = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Columns that the text takes on a terminal: a CJK character or an emoji takes two. */
export const widthOf = (text: string): number => stringWidth(text);

/** The longest start of the text that takes no more than `width` columns. */
export const startOf = (text: string, width: number): string => {
  let taken = 0;
  let start = '';
  for (const character of charactersOf(text)) {
    taken += widthOf(character);
    if (taken > width) return start;
    start += character;
  }
  return start;
};

/** At most `width` columns; a cut is marked. */
export const clip = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${startOf(text, Math.max(0, width - 1))}…`;

/** Exactly `width` columns. */
export const fit = (text: string, width: number): string => {
  const clipped = clip(text, width);
  return clipped + ' '.repeat(Math.max(0, width - widthOf(clipped)));
};

/** The text in lines of at most `width` columns, broken between words. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(clip(word, width));
  }
  return lines;
};
