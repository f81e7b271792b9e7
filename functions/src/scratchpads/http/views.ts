// The records of a scratchpad as callers see them.
import { z } from '@hono/zod-openapi';
import { wire } from '../../platform/http/wire.ts';
import { isArchived, relatedTasks, type Pad } from '../pad.ts';
import type { PadEvent } from '../pad-cursor.ts';
import { author, checklistItem, revisionType, setAside, type Revision, type Section } from '../schemas.ts';
import { contentOf, valueOf } from '../sections.ts';

const time = z.iso.datetime();
const value = z.union([z.string(), checklistItem]);
const content = z.record(z.string(), value);

export const sectionView = z
  .object({
    id: z.string(),
    number: z.int().openapi({ description: 'That of the latest revision; 0 when nobody has written it.' }),
    fields: content,
    origins: z
      .record(z.string(), z.object({ number: z.int(), author, at: time }))
      .openapi({ description: 'For each field the revision that it comes from.' }),
  })
  .openapi('ScratchpadSection');

export const viewSection = (section: Section) => {
  const fields = contentOf(section) as z.infer<typeof content>;
  const origins = Object.entries(section.fields)
    .filter(([name]) => Object.hasOwn(fields, name))
    .map(([name, { number, author, at }]) => [name, { number, author, at }] as const);
  return wire({ id: section.id, number: section.number, fields, origins: Object.fromEntries(origins) });
};

export const revisionView = z
  .object({
    section: z.string(),
    number: z.int(),
    type: revisionType,
    author,
    assignment: z.string().nullable().openapi({ description: 'The assignment that it was made for.' }),
    at: time,
    changes: z.record(z.string(), value.nullable()).openapi({ description: 'The fields set; null was removed.' }),
    setAside: z
      .array(setAside.extend({ stands: value.nullable() }))
      .openapi({ description: 'What an agent noted on fields that stay as they are: both texts, and why.' }),
    rolledBackTo: z.int().nullable(),
  })
  .openapi('ScratchpadRevision');

export const viewRevision = (revision: Revision) => {
  const { section, number, type, author, assignment, at, rolledBackTo } = revision;
  const changes = Object.fromEntries(revision.set.map((name) => [name, valueOf(revision.content, name)]));
  const aside = revision.setAside.map((each) => ({ ...each, stands: valueOf(revision.content, each.field) }));
  return wire({ section, number, type, author, assignment, at, changes, setAside: aside, rolledBackTo });
};

export const wholeRevisionView = revisionView
  .extend({ fields: content.openapi({ description: 'The whole section after it.' }) })
  .openapi('ScratchpadRevisionWithContent');

export const viewWholeRevision = (revision: Revision) => ({
  ...viewRevision(revision),
  fields: wire(revision.content) as z.infer<typeof content>,
});

export const padEventView = revisionView
  .extend({
    cursor: z
      .string()
      .openapi({ description: 'Come back with it, as `pageToken` or `Last-Event-ID`, to continue after this event.' }),
  })
  .openapi('ScratchpadEvent');

export const viewPadEvent = ({ revision, cursor }: PadEvent) => ({ cursor, ...viewRevision(revision) });

export const pageStateView = z
  .object({
    archived: z.boolean(),
    relatedTasks: z.array(z.object({ task: z.string(), title: z.string() })),
  })
  .openapi('ScratchpadState');

export const viewPageState = (pad: Pad) => ({ archived: isArchived(pad), relatedTasks: relatedTasks(pad) });
