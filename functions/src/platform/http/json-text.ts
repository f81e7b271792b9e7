// Looks at JSON text before and instead of parsing it. Pure.

/** True when arrays and objects are nested deeper than `limit`. Linear, and no deeper itself than a loop. */
export const isNestedDeeper = (text: string, limit: number): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
};

export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

// RFC 8259, sections 2 to 7. A string is split so that the pattern never backtracks.
const whitespace = /[ \t\n\r]*/y;
const token =
  /[{}[\]:,]|"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What the grammar allows next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/** Where JSON text first breaks the grammar, at the start of the offending token; `undefined` when it does not. */
export const findSyntaxError = (text: string): TextPosition | undefined => {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = skip(whitespace, text, 0);
  while (at < text.length) {
    const end = skip(token, text, at);
    const next = step(expected, text.slice(at, end), open);
    if (end === at || next === undefined) return positionOf(text, at);
    expected = next;
    at = skip(whitespace, text, end);
  }
  return expected === 'comma or end' && open.length === 0 ? undefined : positionOf(text, text.length);
};

const skip = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
};

const step = (expected: Expected, found: string, open: string[]): Expected | undefined => {
  switch (expected) {
    case 'value':
      return startValue(found, open);
    case 'value or ]':
      return found === ']' ? close(found, open) : startValue(found, open);
    case 'key':
      return found.startsWith('"') ? 'colon' : undefined;
    case 'key or }':
      return found === '}' ? close(found, open) : step('key', found, open);
    case 'colon':
      return found === ':' ? 'value' : undefined;
    case 'comma or end':
      return found === ',' ? afterComma(open) : close(found, open);
  }
};

const afterComma = (open: readonly string[]): Expected | undefined =>
  ({ '{': 'key' as const, '[': 'value' as const })[open.at(-1) ?? ''];

const startValue = (found: string, open: string[]): Expected | undefined => {
  if (found === '{' || found === '[') {
    open.push(found);
    return found === '{' ? 'key or }' : 'value or ]';
  }
  return /^[\]}:,]$/.test(found) ? undefined : 'comma or end';
};

const close = (found: string, open: string[]): Expected | undefined => {
  const matching = { '}': '{', ']': '[' }[found];
  return matching !== undefined && open.pop() === matching ? 'comma or end' : undefined;
};

const positionOf = (text: string, at: number): TextPosition => {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};
