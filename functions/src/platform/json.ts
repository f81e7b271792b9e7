import { findJsonFault } from './json-grammar.ts';

/** An object of parsed JSON of which nothing is known yet. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface JsonBounds {
  readonly maxCharacters: number;
  /** Values, keys and marks. */
  readonly maxTokens: number;
}

const maxDepth = 100;

/** What the text says, or undefined when it is not JSON or is beyond its bounds; what is beyond them is not parsed. */
export const jsonWithin = (text: string, { maxCharacters, maxTokens }: JsonBounds): unknown =>
  text.length > maxCharacters || findJsonFault(text, { maxDepth, maxTokens }) !== null ? undefined : JSON.parse(text);

/** What the text says, or undefined when it is not JSON: for text whose schema is checked next anyway. */
export const jsonOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
