// Looks at JSON text before and instead of parsing it. Pure.
import { findJsonFault, positionOf, type TextPosition } from '../json-grammar.ts';

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

/** Where JSON text first breaks the grammar; `undefined` when it does not. */
export const findSyntaxError = (text: string): TextPosition | undefined => {
  const fault = findJsonFault(text);
  return fault ? positionOf(text, fault.at) : undefined;
};
