import { describe, expect, test } from '@jest/globals';
import { changesOf, maxCustomSections, maxItems, type SectionEdit } from './edits.ts';
import { draftOf, makePad } from './pad.ts';
import { checklistId, sectionId } from './schemas.ts';
import { padWith, place, sectionWith, stored } from './testing/pads.ts';

const changes = (id: string, fields: SectionEdit, pad = padWith()) =>
  changesOf(pad, draftOf(pad, id).section, fields, 'ben');
const fails = (code: string, pointer?: string) =>
  expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) });
const invalid = (pointer: string) => fails('platform.invalid_input', pointer);

const checklist = makePad(
  place,
  [stored(sectionWith(checklistId, [{ load: { text: 'Load', tickedBy: 'ana' } }, 1]))],
  [],
);

describe('a section takes', () => {
  test('its own fields only', () => {
    expect(changes('apiContracts', { slas: 'p95', endpoints: null })).toEqual({ slas: 'p95', endpoints: null });
    expect(changes('risks', { title: ' Risks ', text: '# Any' })).toEqual({ title: 'Risks', text: '# Any' });
    expect(() => changes('apiContracts', { service: 'x' })).toThrow(invalid('#/fields/service'));
    expect(() => changes('risks', { slas: 'x' })).toThrow(invalid('#/fields/slas'));
    expect(() => changes('risks', { text: { done: true } })).toThrow(invalid('#/fields/text'));
  });

  test.each(['Progress Tracking', ' api  contracts '])('no title of the specification’s sections: %s', (title) => {
    expect(() => changes('risks', { title })).toThrow(invalid('#/fields/title'));
  });

  test('no more custom sections than there is room for, whereas those that are there can be edited', () => {
    const full = makePad(
      place,
      Array.from({ length: maxCustomSections }, (_, index) => stored(sectionWith(`s${index}`, [{ text: 'x' }, 1]))),
      [],
    );
    expect(() => changes('one-more', { text: 'x' }, full)).toThrow(fails('scratchpads.too_large'));
    expect(changes('s0', { text: 'y' }, full)).toEqual({ text: 'y' });
    expect(changes('serviceArchitecture', { service: 'y' }, full)).toEqual({ service: 'y' });
  });
});

describe('an item', () => {
  test('is ticked and unticked by hand, with who ticked it', () => {
    expect(changes(checklistId, { docs: { text: 'Docs', done: true } })).toEqual({
      docs: { text: 'Docs', tickedBy: 'ben' },
    });
    expect(changes(checklistId, { load: { done: false } }, checklist)).toEqual({
      load: { text: 'Load', tickedBy: null },
    });
  });

  test('that is ticked stays so, by whom it was, when its text changes or it is ticked again', () => {
    const load = { text: 'Load test', tickedBy: 'ana' };
    expect(changes(checklistId, { load: { text: 'Load test' } }, checklist)).toEqual({ load });
    expect(changes(checklistId, { load: { text: 'Load test', done: true } }, checklist)).toEqual({ load });
  });

  test('is removed by null, and a new one needs a text', () => {
    expect(changes(checklistId, { load: null }, checklist)).toEqual({ load: null });
    expect(() => changes(checklistId, { docs: { done: true } })).toThrow(invalid('#/fields/docs/text'));
    expect(() => changes(checklistId, { Docs: { text: 'x' } })).toThrow(fails('platform.invalid_input'));
    expect(() => changes(checklistId, { docs: 'x' })).toThrow(invalid('#/fields/docs'));
  });

  test('named like something that every object has is an item like others', () => {
    const fields = { constructor: { text: 'Build' } };
    expect(changes(checklistId, fields)).toEqual({ constructor: { text: 'Build', tickedBy: null } });
  });

  test('has to fit with the others', () => {
    const many = Object.fromEntries(Array.from({ length: maxItems }, (_, index) => [`i${index}`, { text: 'x' }]));
    expect(Object.keys(changes(checklistId, many))).toHaveLength(maxItems);
    expect(() => changes(checklistId, many, checklist)).toThrow(fails('scratchpads.too_large'));
  });
});

test.each([
  ['serviceArchitecture', true],
  ['apiContracts', true],
  ['checklist', true],
  ['my-risks', true],
  ['teamAssignments', false],
  ['progressTracking', false],
  ['pad', false],
  ['toString', false],
  ['Risks', false],
  ['', false],
])('the section %s can be named by a caller: %s', (id, named) => {
  expect(sectionId.safeParse(id).success).toBe(named);
});
