// What a comparison finds, and the pairs of schemas that it has yet to compare.
import type { Located } from './located.ts';

export type ChangeKind =
  | 'path-removed'
  | 'operation-removed'
  | 'parameter-removed'
  | 'parameter-required'
  | 'body-removed'
  | 'body-required'
  | 'media-type-removed'
  | 'status-removed'
  | 'header-removed'
  | 'auth-stricter'
  | 'field-removed'
  | 'field-required'
  | 'field-optional'
  | 'fields-closed'
  | 'type-changed'
  | 'format-changed'
  | 'enum-narrowed'
  | 'constraint-stricter'
  | 'variant-changed'
  | 'not-comparable';

export interface BreakingChange {
  readonly kind: ChangeKind;
  /** Which document the pointer leads into: what was removed stands in the one before. */
  readonly in: 'before' | 'after';
  /** JSON pointer. */
  readonly at: string;
  readonly detail: string;
}

/** What the caller sends, or what the service answers with. */
export type Direction = 'request' | 'response';

/** A schema as it was and as it is. */
export interface Pair {
  readonly direction: Direction;
  readonly before: Located;
  readonly after: Located;
}

export interface Comparison {
  readonly changes: readonly BreakingChange[];
  readonly pairs: readonly Pair[];
}

export const nothing: Comparison = { changes: [], pairs: [] };

export const both = (comparisons: readonly Comparison[]): Comparison => ({
  changes: comparisons.flatMap(({ changes }) => changes),
  pairs: comparisons.flatMap(({ pairs }) => pairs),
});

// A pattern or a list of values may be as long as its document, and be told of wherever it is referred to.
const maxDetailLength = 400;

const change = (kind: ChangeKind, where: BreakingChange['in'], at: string, detail: string): BreakingChange => ({
  kind,
  in: where,
  at,
  detail: detail.slice(0, maxDetailLength),
});

export const gone = (kind: ChangeKind, at: string, detail: string) => change(kind, 'before', at, detail);
export const come = (kind: ChangeKind, at: string, detail: string) => change(kind, 'after', at, detail);

export const found = (...changes: readonly BreakingChange[]): Comparison => ({ changes, pairs: [] });

/** Of lists that may be longer than what a call takes as arguments. */
export const foundAll = (changes: readonly BreakingChange[]): Comparison => ({ changes, pairs: [] });

/** The schemas to compare, when both are there. */
export const pair = (
  direction: Direction,
  before: Located | undefined | null,
  after: Located | undefined | null,
): Comparison => (before && after ? { changes: [], pairs: [{ direction, before, after }] } : nothing);
