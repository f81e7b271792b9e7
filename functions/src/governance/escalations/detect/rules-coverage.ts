// Which collections a file of security rules names, and whether it leaves them open. The file has been checked before, so this reads
// structure only: nested matches and their `allow` statements.
import { rulesTokens } from '../../decisions/rules-tokens.ts';
import { isPlaceholder, segmentsOf } from './collection-paths.ts';

interface Allow {
  readonly methods: string;
  /** False when anybody may. */
  readonly guarded: boolean;
}

/** What happens as the file is read: a block begins, with the path that it matches if any, or ends, or something is allowed. */
type Step = { readonly opens: readonly string[] } | { readonly allows: Allow } | 'closes';

export interface Coverage {
  readonly covered: boolean;
  /** What anybody may do, e.g. `read, write`: the first few that differ. */
  readonly open: readonly string[];
}

const maxOpen = 5;

/** Reads a file once, for any number of collections. */
export const rulesReader = (rules: string): ((collection: string) => Coverage) => {
  const steps = stepsOf(rules);
  return (collection) => coverageIn(steps, segmentsOf(collection));
};

const coverageIn = (steps: readonly Step[], collection: readonly string[]): Coverage => {
  const target = [...collection, '{document}'];
  const places: Place[] = [];
  const open = new Set<string>();
  let covered = false;
  for (const step of steps) {
    const place = places.at(-1) ?? outside;
    if (step === 'closes') places.pop();
    else if ('opens' in step) places.push(enter(place, step.opens, target));
    else if (reaches(place, target)) {
      covered = true;
      if (!step.allows.guarded && open.size < maxOpen) open.add(step.allows.methods);
    }
  }
  return { covered, open: [...open] };
};

/** How far a path has led towards a collection's documents: so many segments of the root, and of the target. */
type Place = { readonly root: number; readonly at: number } | 'elsewhere' | 'anywhere-below';

/** `/databases/{database}/documents` */
const rootLength = 3;
const outside: Place = { root: 0, at: 0 };

const enter = (place: Place, segments: readonly string[], target: readonly string[]): Place => {
  let here = place;
  for (const segment of segments) {
    if (typeof here === 'string') return here;
    here = follow(here, segment, target);
  }
  return here;
};

const follow = ({ root, at }: Exclude<Place, string>, segment: string, target: readonly string[]): Place => {
  if (root < rootLength) return { root: root + 1, at };
  if (segment.endsWith('=**}')) return 'anywhere-below';
  const fits = at < target.length && (isPlaceholder(segment) || segment === target[at]);
  return fits ? { root, at: at + 1 } : 'elsewhere';
};

const reaches = (place: Place, target: readonly string[]): boolean =>
  typeof place === 'string' ? place === 'anywhere-below' : place.at === target.length;

// No two parts of the pattern can take the same text, so that matching takes linear time.
const statement =
  /\bmatch\s+((?:\/(?:\{[^{}]*\}|[^\s{}/]+))+)\s*\{|\ballow\s+([a-z]+(?:\s*,\s*[a-z]+)*)(?:\s*:\s*if\b((?:[^;{}]|\{[^{}]*\})*))?|[{}]/g;

const stepsOf = (rules: string): Step[] =>
  [...structureOf(rules).matchAll(statement)].map(([text, path, methods, condition]) => {
    if (text === '}') return 'closes';
    if (methods === undefined) return { opens: path === undefined ? [] : segmentsOf(path) };
    return { allows: { methods, guarded: isGuard(condition) } };
  });

/** The text without comments and without what is in strings: neither says anything of the structure. */
const structureOf = (rules: string): string =>
  Array.from(rulesTokens(rules), ({ kind, text }) => (kind === 'other' ? text : blanks[kind])).join('');

const blanks = { silent: ' ', string: "''" };

const isGuard = (condition: string | undefined) =>
  condition !== undefined && condition.replaceAll(/[\s()]/g, '') !== 'true';
