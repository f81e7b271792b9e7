import type { Cursor } from './cursor.ts';
import type { Named } from './syntax-tree.ts';

const reserved = new Set(
  (
    'allow false function if import in is let null return service match rules_version true arguments break case continue ' +
    'default deny do each else extends for goto not package switch then var while'
  ).split(' '),
);

export const isReserved = (word: string): boolean => reserved.has(word);

/** Takes an identifier that is not a keyword. Throws RulesSyntaxError naming what it should name. */
export const parseName = (cursor: Cursor, of: string): Named => {
  const { kind, text, at } = cursor.next;
  if (kind !== 'word' || isReserved(text)) return cursor.fail(`Expected the name of ${of}`);
  cursor.take();
  return { name: text, at };
};
