// Which collections a file of security rules names, and whether it leaves them open. The file has been checked before, so this reads
// structure only: nested matches and their `allow` statements.
import { isPlaceholder, segmentsOf } from './collection-paths.ts';

interface Allowed {
  readonly path: readonly string[];
  readonly methods: string;
  /** False when anybody may. */
  readonly guarded: boolean;
}

export interface Coverage {
  readonly covered: boolean;
  /** What anybody may do, e.g. `read, write`. */
  readonly open: readonly string[];
}

export const coverageOf = (rules: string, collection: string): Coverage => {
  const matching = allowsOf(rules).filter(({ path }) => leadsInto(path, segmentsOf(collection)));
  return {
    covered: matching.length > 0,
    open: matching.filter(({ guarded }) => !guarded).map(({ methods }) => methods),
  };
};

// No two parts of a pattern can take the same text, so that matching takes linear time.
const noise = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const statement =
  /\bmatch\s+((?:\/(?:\{[^{}]*\}|[^\s{}/]+))+)\s*\{|\ballow\s+([a-z]+(?:\s*,\s*[a-z]+)*)(?:\s*:\s*if\b((?:[^;{}]|\{[^{}]*\})*))?|[{}]/g;

const allowsOf = (rules: string): Allowed[] => {
  const open: string[][] = [];
  const allows: Allowed[] = [];
  for (const [text, path, methods, condition] of rules.replaceAll(noise, blank).matchAll(statement)) {
    if (text === '}') open.pop();
    else if (methods === undefined) open.push(path === undefined ? [] : segmentsOf(path));
    else allows.push({ path: open.flat().slice(rootLength), methods, guarded: isGuard(condition) });
  }
  return allows;
};

/** `/databases/{database}/documents` */
const rootLength = 3;

// A path may hold what looks like a comment's start nowhere but in a string, and strings say nothing of the structure.
const blank = (text: string) => (text.startsWith('/') ? ' ' : "''");

const isGuard = (condition: string | undefined) =>
  condition !== undefined && condition.replaceAll(/[\s()]/g, '') !== 'true';

/** Whether a path leads to the documents of a collection, through its captures. */
const leadsInto = (path: readonly string[], collection: readonly string[]): boolean => {
  const target = [...collection, '{document}'];
  const rest = path.findIndex((segment) => segment.endsWith('=**}'));
  const fixed = rest === -1 ? path : path.slice(0, rest);
  if (rest === -1 ? path.length !== target.length : fixed.length > target.length) return false;
  return fixed.every((segment, index) => isPlaceholder(segment) || segment === target[index]);
};
