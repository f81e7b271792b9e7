// What callers may set in a section, by its kind, and what becomes of it. Pure.
import { z } from 'zod';
import { boundedRecord } from '../platform/bounded.ts';
import { errorTexts } from '../platform/error-texts.ts';
import { AppError, platformErrors } from '../platform/errors.ts';
import { fieldErrors } from '../platform/field-errors.ts';
import { filledText } from '../platform/schemas.ts';
import { scratchpadErrors } from './errors.ts';
import { customSections, type Pad } from './pad.ts';
import {
  checklistId,
  itemId,
  notedSections,
  noteFields,
  slug,
  type ChecklistItem,
  type FieldValue,
  type Section,
} from './schemas.ts';
import { contentOf, maxTextLength, valueOf, type Changes } from './sections.ts';

export const maxItems = 100;
const maxItemLength = 500;
const maxTitleLength = 200;
export const maxCustomSections = 30;

/** More than any name may have, so that the section itself says what is wrong with one. */
const maxNameLength = 100;

const text = z.string().max(maxTextLength);

const itemEdit = z.strictObject({
  text: filledText(maxItemLength).optional(),
  done: z.boolean().optional(),
});
type ItemEdit = z.infer<typeof itemEdit>;

/** Fields to set; null removes one. Which there are depends on the section. */
export const sectionEdit = boundedRecord(
  z.string().max(maxNameLength),
  z.union([text, itemEdit, z.null()]),
  maxItems,
).meta({
  maxProperties: maxItems,
  propertyNames: { type: 'string', pattern: `^(?:${[...noteFields, slug.source.slice(1, -1)].join('|')})$` },
});
export type SectionEdit = z.infer<typeof sectionEdit>;

const normal = (title: string) => title.replaceAll(/\s+/g, ' ').trim().toLowerCase();
const taken = new Set(['service architecture', 'team assignments', 'api contracts', 'progress tracking']);

const custom = z.strictObject({
  title: z
    .string()
    .trim()
    .max(maxTitleLength)
    .refine((title) => !taken.has(normal(title)), 'is the title of another section')
    .nullable()
    .optional(),
  text: text.nullable().optional(),
});

const noted = (names: readonly string[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, text.nullable().optional()])));

const checklist = boundedRecord(itemId, itemEdit.nullable(), maxItems);

const schemaOf = (id: string): z.ZodType<SectionEdit> => {
  if (id === checklistId) return checklist;
  const names = Object.entries(notedSections).find(([section]) => section === id)?.[1];
  return (names ? noted(names) : custom) as z.ZodType<SectionEdit>;
};

/**
 * What an edit by `uid` sets. Throws `platform.invalid_input` when the section has no such fields, `scratchpads.too_large` when it
 * or the pad would have too many parts.
 */
export const changesOf = (pad: Pad, section: Section, fields: SectionEdit, uid: string): Changes => {
  const parsed = schemaOf(section.id).safeParse(fields, { error: errorTexts });
  if (!parsed.success) throw invalid(fieldErrors(parsed.error, '#/fields'));
  requireRoom(pad, section, parsed.data);
  const content = contentOf(section);
  return Object.fromEntries(
    Object.entries(parsed.data).map(([name, value]) => [
      name,
      becomes(name, value, { former: valueOf(content, name), uid }),
    ]),
  );
};

const invalid = (errors: ReturnType<typeof fieldErrors>) => new AppError(platformErrors.invalidInput, { errors });

const becomes = (
  name: string,
  value: SectionEdit[string] | undefined,
  { former, uid }: { former: FieldValue; uid: string },
): FieldValue => {
  if (typeof value !== 'object') return value ?? null;
  return value === null ? null : itemAfter(name, value, { former: typeof former === 'object' ? former : null, uid });
};

const itemAfter = (
  name: string,
  { text: newText, done }: ItemEdit,
  { former, uid }: { former: ChecklistItem | null; uid: string },
): ChecklistItem => {
  const itemText = newText ?? former?.text;
  if (itemText === undefined) {
    throw invalid([{ pointer: `#/fields/${name}/text`, detail: 'is needed: there is no such item yet' }]);
  }
  const tickedBy = former?.tickedBy ?? null;
  return { text: itemText, tickedBy: (done ?? tickedBy !== null) ? (tickedBy ?? uid) : null };
};

const requireRoom = (pad: Pad, section: Section, fields: SectionEdit): void => {
  const items = new Set([...Object.keys(contentOf(section)), ...Object.keys(fields)]);
  if (items.size > maxItems) throw tooLarge(`A checklist has at most ${maxItems} items.`);
  const isNew = section.number === 0 && section.id !== checklistId && !Object.hasOwn(notedSections, section.id);
  if (isNew && customSections(pad).length >= maxCustomSections) {
    throw tooLarge(`A scratchpad has at most ${maxCustomSections} sections of your own.`);
  }
};

const tooLarge = (detail: string) => new AppError(scratchpadErrors.tooLarge, { detail });
