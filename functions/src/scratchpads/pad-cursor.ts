// How far a reader of a pad's events is: the last revision seen of each section, as `<section>.<number>~…`, or `0` at the start.
// A section's revisions are numbered without a gap, so a cursor needs no time and no event can slip by.
//
// E1. A section's events are delivered in order, none twice, none left out; within a page the sections are merged by time.
// E2. A reader who comes back with the cursor of any delivered event continues exactly after it.
import { coordinationErrors } from '../coordination/errors.ts';
import { AppError } from '../platform/errors.ts';
import type { Revision, Section } from './schemas.ts';

export type PadCursor = ReadonlyMap<string, number>;

export const start: PadCursor = new Map();

const format = /^(0|[a-zA-Z][a-zA-Z0-9-]{0,39}\.[1-9]\d{0,8}(~[a-zA-Z][a-zA-Z0-9-]{0,39}\.[1-9]\d{0,8}){0,99})$/;

/** Throws `coordination.invalid_cursor`. */
export const parseCursor = (text: string): PadCursor => {
  if (!format.test(text)) throw new AppError(coordinationErrors.invalidCursor);
  if (text === '0') return start;
  return new Map(
    text.split('~').map((lane) => {
      const [section = '', number = ''] = lane.split('.');
      return [section, Number(number)] as const;
    }),
  );
};

export const printCursor = (cursor: PadCursor): string =>
  cursor.size === 0 ? '0' : [...cursor].map(([section, number]) => `${section}.${number}`).join('~');

type Head = Pick<Section, 'id' | 'number'>;
type Key = Pick<Revision, 'section' | 'number'>;

/** The revisions to read next, at most `limit`, taken from the sections in turn. */
export const nextKeys = (cursor: PadCursor, heads: readonly Head[], limit: number): Key[] =>
  heads
    .flatMap(({ id, number }) => {
      const seen = cursor.get(id) ?? 0;
      const length = Math.min(limit, Math.max(0, number - seen));
      return Array.from({ length }, (_, turn) => ({ turn, key: { section: id, number: seen + turn + 1 } }));
    })
    .sort((a, b) => a.turn - b.turn)
    .slice(0, limit)
    .map(({ key }) => key);

/** How many revisions follow the cursor. */
export const countAfter = (cursor: PadCursor, heads: readonly Head[]): number =>
  heads.reduce((sum, { id, number }) => sum + Math.max(0, number - (cursor.get(id) ?? 0)), 0);

export interface PadEvent {
  readonly revision: Revision;
  readonly cursor: string;
}

/** The revisions by time, each with the cursor after it. A revision never comes before an earlier one of its section. */
export const deliver = (from: PadCursor, revisions: readonly Revision[]): { events: PadEvent[]; next: PadCursor } => {
  const next = new Map(from);
  const events = byTime(revisions).map((revision) => {
    next.set(revision.section, revision.number);
    return { revision, cursor: printCursor(next) };
  });
  return { events, next };
};

// A note is dated by when it was written, which may be before the edit that it is merged after: it then counts as made with it.
const byTime = (revisions: readonly Revision[]): Revision[] => {
  const latest = new Map<string, number>();
  return [...revisions]
    .sort((a, b) => a.number - b.number)
    .map((revision) => {
      const at = Math.max(revision.at.getTime(), latest.get(revision.section) ?? 0);
      latest.set(revision.section, at);
      return { revision, at };
    })
    .sort(
      (a, b) => a.at - b.at || order(a.revision.section, b.revision.section) || a.revision.number - b.revision.number,
    )
    .map(({ revision }) => revision);
};

const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
