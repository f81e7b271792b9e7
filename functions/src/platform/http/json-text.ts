// Looks at JSON text before and instead of parsing it. Pure.
import { findJsonFault, positionOf, type TextPosition } from '../json-grammar.ts';

export interface JsonLimits {
  readonly depth: number;
  readonly values: number;
}

/** Which limit the text of JSON exceeds first, if any. Linear, and no deeper itself than a loop; counts an empty list as two values. */
export const findExcess = (text: string, limits: JsonLimits): keyof JsonLimits | null => {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === ',') values += 1;
    else if (character === '{' || character === '[') {
      depth += 1;
      values += 1;
    }
    if (depth > limits.depth) return 'depth';
    if (values > limits.values) return 'values';
  }
  return null;
};

/** The offset of the quote that closes the string which opens at `start`, or the end of the text. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
};

/** Where JSON text first breaks the grammar; `undefined` when it does not. */
export const findSyntaxError = (text: string): TextPosition | undefined => {
  const fault = findJsonFault(text);
  return fault ? positionOf(text, fault.at) : undefined;
};
