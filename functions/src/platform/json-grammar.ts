// The grammar of JSON, for text that is refused with its place: the parser's own message quotes the text and often leaves the place out.

/** The first thing in a text that keeps it from being JSON, at an offset in UTF-16 code units. */
export interface JsonFault {
  readonly at: number;
  readonly message: string;
}

export interface JsonLimits {
  readonly maxDepth?: number;
  readonly maxTokens?: number;
}

/** What the grammar allows next. `first-item` and `first-key` also allow the bracket to close again. */
type Expected = 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'after-value';

// RFC 8259, sections 2 to 7. A string is split so that the pattern never backtracks.
const space = /[ \t\n\r]*/y;
const token =
  /[{}[\]:,]|"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const wanted: Record<Expected, string> = {
  value: 'a value',
  'first-item': "a value or ']'",
  'first-key': "a key in double quotes or '}'",
  key: 'a key in double quotes',
  colon: "':'",
  'after-value': "',' or a closing bracket",
};

/**
 * Where text first breaks the grammar, at the start of the offending token, nests deeper than `maxDepth`, or goes beyond `maxTokens`
 * (values, keys, brackets and marks between them); null when it does none of it. A loop with its own stack instead of recursion: ten
 * thousand brackets must not reach the call stack's end.
 */
export const findJsonFault = (
  text: string,
  { maxDepth = Number.POSITIVE_INFINITY, maxTokens = Number.POSITIVE_INFINITY }: JsonLimits = {},
): JsonFault | null => {
  const open: string[] = [];
  let tokens = 0;
  let expected: Expected = 'value';
  let at = measure(space, text, 0);
  while (at < text.length) {
    const length = measure(token, text, at);
    const found = text.slice(at, at + length);
    const next: Expected | null = length === 0 ? null : step(expected, found, open);
    if (next === null) return { at, message: `Not JSON: expected ${describe(expected, open)} here.` };
    tokens += 1;
    if (tokens > maxTokens) return { at, message: `JSON of more than ${maxTokens} values, keys and marks.` };
    if (open.length > maxDepth) return { at, message: `JSON nested deeper than ${maxDepth} levels.` };
    expected = next;
    at += length;
    at += measure(space, text, at);
  }
  if (expected === 'after-value' && open.length === 0) return null;
  return { at, message: `Not JSON: the text ends where ${describe(expected, open)} should follow.` };
};

const describe = (expected: Expected, open: readonly string[]) =>
  expected === 'after-value' && open.length === 0 ? 'nothing more' : wanted[expected];

/** What may follow `found`, or null when it may not stand here. Keeps `open` up to date. */
const step = (expected: Expected, found: string, open: string[]): Expected | null => {
  switch (expected) {
    case 'first-item':
      return found === ']' ? close(open) : stepValue(found, open);
    case 'value':
      return stepValue(found, open);
    case 'first-key':
      return found === '}' ? close(open) : stepKey(found);
    case 'key':
      return stepKey(found);
    case 'colon':
      return found === ':' ? 'value' : null;
    case 'after-value':
      return stepAfterValue(found, open);
  }
};

const stepValue = (found: string, open: string[]): Expected | null => {
  if (found === '{' || found === '[') {
    open.push(found);
    return found === '{' ? 'first-key' : 'first-item';
  }
  return '}],:'.includes(found) ? null : 'after-value';
};

const stepKey = (found: string): Expected | null => (found.startsWith('"') ? 'colon' : null);

const stepAfterValue = (found: string, open: string[]): Expected | null => {
  const innermost = open.at(-1);
  if (innermost === undefined) return null;
  if (found === ',') return innermost === '{' ? 'key' : 'value';
  return found === (innermost === '{' ? '}' : ']') ? close(open) : null;
};

const close = (open: string[]): Expected => {
  open.pop();
  return 'after-value';
};

const measure = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
};

export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Line and column, both from 1, of an offset in UTF-16 code units. */
export const positionOf = (text: string, at: number): TextPosition => {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
};
