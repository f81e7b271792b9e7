// Finds the one JSON object in a model's answer, which may stand in a code fence or between sentences.
import { parseJson, type JsonReading } from '../artifacts/index.ts';

// `{` followed by a key: a brace of a sentence or of code is not taken for the beginning of an object.
const objectStart = /\{\s*"/g;

/**
 * The only JSON object of `text`. Findings when there is none, when there are several, when one is broken or cut off, and when it has
 * more than `maxTokens`: nothing is guessed, as the part of a broken object might be a whole object that says something else.
 */
export const findJsonObject = (text: string, maxTokens?: number): JsonReading => {
  const whole = parseJson(text, maxTokens);
  if (whole.ok) return whole;
  const candidates = objectsIn(text);
  const [first] = candidates;
  if (first === undefined) return whole;
  if (candidates.length === 1) return parseJson(first, maxTokens);
  return { ok: false, findings: [{ where: '', message: 'The answer holds several JSON objects: give one.' }] };
};

/** The outermost objects, in one pass; one that is not closed reaches to the end. */
const objectsIn = (text: string): string[] => {
  const found: string[] = [];
  let from = 0;
  for (;;) {
    objectStart.lastIndex = from;
    const start = objectStart.exec(text)?.index;
    if (start === undefined) return found;
    from = endOfObject(text, start);
    found.push(text.slice(start, from));
  }
};

const structure = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}"]/g;

const endOfObject = (text: string, start: number): number => {
  structure.lastIndex = start;
  let depth = 0;
  for (let match = structure.exec(text); match; match = structure.exec(text)) {
    const [token] = match;
    if (token === '"') return text.length;
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth === 0) return structure.lastIndex;
  }
  return text.length;
};
