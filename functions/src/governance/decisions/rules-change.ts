// What changes between two versions of security rules, read off their declarations. Comments and layout say nothing; every other
// token counts, also inside strings.
//
// Rules for a path that had none before add something and change nothing, unless they reach over other paths.
import { rulesTokens } from './rules-tokens.ts';

/** By path and operation the conditions, and the text of each function by its name. */
export type DeclaredRules = Readonly<Record<string, readonly string[]>>;

/** What was declared before and is gone or different, and what is new for a path that had rules. */
export const rulesChanges = (previous: DeclaredRules, current: DeclaredRules): string[] => {
  const paths = new Set(Object.keys(previous).map(pathOf));
  const changed = Object.keys(previous).filter((key) => wordsOf(previous[key]) !== wordsOf(current[key]));
  const added = Object.keys(current).filter((key) => !Object.hasOwn(previous, key) && reaches(key, paths));
  return [
    ...changed.map((key) => `${key} is ${Object.hasOwn(current, key) ? 'changed' : 'removed'}`),
    ...added.map((key) => `${key} is new`),
  ];
};

/** Is it about a path that had rules, or about whatever lies below one? */
const reaches = (key: string, paths: ReadonlySet<string>): boolean =>
  !key.startsWith('function ') && (paths.has(pathOf(key)) || key.includes('{**}'));

const pathOf = (key: string): string => key.replace(/ \w+$/, '');

const wordsOf = (texts: readonly string[] = []): string => JSON.stringify(texts.map(tokensOf).toSorted());

const tokensOf = (rules: string): string =>
  JSON.stringify(Array.from(rulesTokens(rules)).flatMap(({ kind, text }) => (kind === 'silent' ? [] : [text])));
