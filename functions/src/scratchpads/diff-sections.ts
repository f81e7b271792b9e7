// The difference of a section at two of its revisions, field by field. Pure.
import { diffLines, type DiffLine } from './line-diff.ts';
import type { Content, FieldValue } from './schemas.ts';
import { valueOf } from './sections.ts';

export interface FieldDiff {
  readonly field: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly lines: DiffLine[];
}

/** The fields that differ, by name; those of an item are the item as it is printed. */
export const diffSections = (before: Content, after: Content): FieldDiff[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((field): FieldDiff[] => {
    const [from, to] = [printed(valueOf(before, field)), printed(valueOf(after, field))];
    if (from === to) return [];
    if (from === null) return [{ field, change: 'added', lines: wholly('added', to ?? '') }];
    if (to === null) return [{ field, change: 'removed', lines: wholly('removed', from) }];
    return [{ field, change: 'changed', lines: diffLines(from, to) }];
  });

const wholly = (op: DiffLine['op'], text: string): DiffLine[] => text.split('\n').map((line) => ({ op, text: line }));

const printed = (value: FieldValue): string | null =>
  typeof value === 'object' && value !== null ? `[${value.tickedBy === null ? ' ' : 'x'}] ${value.text}` : value;
