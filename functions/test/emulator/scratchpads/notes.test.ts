// What specialists note meets what people write.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { firestore } from '../../../src/platform/firestore.ts';
import { mergeNotes } from '../../../src/scratchpads/merge-notes.ts';
import { json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { ifMatch, newTask, note, onPad } from './pads.ts';

const org = randomOrg();
let task = '';
let pad: ReturnType<typeof onPad>;

beforeEach(async () => {
  task = await newTask(org);
  pad = onPad(org, task);
});

const history = async (section: string) =>
  (await json(pad(`GET /sections/${section}/revisions?pageSize=100`)))['revisions'] as Record<string, unknown>[];

const revisionsStored = async (section: string) =>
  (await firestore().collection(`orgs/${org}/tasks/${task}/padSections/${section}/padRevisions`).get()).docs;

describe('a committed note', () => {
  test('is read at once, before anybody merges it, with the tag and the history that it will have (P6)', async () => {
    await note(org, task, { ordinal: 0, notes: { service: 'Extracts', slas: 'p95' } });
    expect(await revisionsStored('serviceArchitecture')).toEqual([]);
    const before = [await json(pad('GET ')), await history('serviceArchitecture')];
    expect(before[0]).toMatchObject({
      sections: { serviceArchitecture: { service: 'Extracts' }, apiContracts: { slas: 'p95' } },
      etags: { serviceArchitecture: '"1"', apiContracts: '"1"' },
    });
    expect(before[1]).toMatchObject([
      { number: 1, author: { uid: 'api-designer', role: 'agent' }, assignment: 'a0', changes: { service: 'Extracts' } },
    ]);
    await mergeNotes(org, task);
    expect(await revisionsStored('serviceArchitecture')).toHaveLength(1);
    expect([await json(pad('GET ')), await history('serviceArchitecture')]).toEqual(before);
  });

  test('is merged by the next edit, which counts on from it', async () => {
    await note(org, task, { ordinal: 0, notes: { service: 'Extracts' } });
    const body = { fields: { dependencies: 'Storage' } };
    const section = await json(pad('PATCH /sections/serviceArchitecture', { body, headers: ifMatch(1) }));
    expect(section).toMatchObject({ number: 2, fields: { service: 'Extracts', dependencies: 'Storage' } });
    expect(await revisionsStored('serviceArchitecture')).toHaveLength(2);
  });

  test('is merged once, however many merge it at the same time, also many notes (P2, P3)', async () => {
    const ordinals = Array.from({ length: 45 }, (_, index) => index);
    await Promise.all(ordinals.map((ordinal) => note(org, task, { ordinal, notes: { service: `by ${ordinal}` } })));
    await Promise.all([1, 2, 3].map(() => mergeNotes(org, task)));
    const revisions = await history('serviceArchitecture');
    expect(revisions.map(({ number }) => number)).toEqual(ordinals.map((index) => ordinals.length - index));
    expect(new Set(revisions.map(({ assignment }) => assignment)).size).toBe(ordinals.length);
    expect(await revisionsStored('serviceArchitecture')).toHaveLength(ordinals.length);
    expect(await json(pad('GET /sections/serviceArchitecture'))).toMatchObject({ fields: { service: 'by 44' } });
  });

  test('that comes while people edit loses neither (P3)', async () => {
    const texts = ['x', 'y', 'z'];
    await Promise.all([
      ...texts.map((_, ordinal) => note(org, task, { ordinal, notes: { service: `by ${ordinal}` } })),
      ...texts.map((text) => pad(`PATCH /sections/${text}`, { body: { fields: { text } }, headers: ifMatch(0) })),
    ]);
    await mergeNotes(org, task);
    expect(await history('serviceArchitecture')).toHaveLength(3);
    expect(await json(pad('GET '))).toMatchObject({ custom: texts.map((text) => ({ id: text, text })) });
  });

  test('of work that was sent back takes the place of the former one, by a revision that is an event (P7)', async () => {
    await note(org, task, { ordinal: 0, notes: { service: 'refused', slas: 'p50' } });
    await mergeNotes(org, task);
    await note(org, task, { ordinal: 0, epoch: 2, notes: { service: 'reworked' } });
    const before = [await json(pad('GET ')), await history('serviceArchitecture')];
    expect(before[0]).toMatchObject({
      sections: { serviceArchitecture: { service: 'reworked' }, apiContracts: { slas: '–' } },
      etags: { serviceArchitecture: '"2"', apiContracts: '"2"' },
    });
    await mergeNotes(org, task);
    expect([await json(pad('GET ')), await history('serviceArchitecture')]).toEqual(before);
    const { events } = (await json(pad('GET /events'))) as { events: Record<string, unknown>[] };
    expect(events.slice(2)).toMatchObject([
      { section: 'apiContracts', number: 2, assignment: 'a0', changes: { slas: null } },
      { section: 'serviceArchitecture', number: 2, assignment: 'a0', changes: { service: 'reworked' } },
    ]);
  });

  test('that says nothing takes back the former one of work that was sent back (P7)', async () => {
    await note(org, task, { ordinal: 0, notes: { service: 'refused' } });
    await note(org, task, { ordinal: 0, epoch: 2, notes: {} });
    await mergeNotes(org, task);
    expect(await json(pad('GET /sections/serviceArchitecture'))).toMatchObject({ number: 2, fields: {} });
  });

  test('is kept by an archived scratchpad too', async () => {
    await json(pad('POST /archive'));
    await note(org, task, { ordinal: 0, notes: { service: 'late' } });
    await mergeNotes(org, task);
    expect(await json(pad('GET '))).toMatchObject({
      archived: true,
      sections: { serviceArchitecture: { service: 'late' } },
    });
  });
});

describe('a field that a person has edited', () => {
  const editService = (text: string) =>
    pad('PATCH /sections/serviceArchitecture', {
      body: { fields: { service: text } },
      headers: ifMatch(0),
      uid: 'ana',
    });

  test('stands against the note of an assignment that had begun before: a conflict with both texts (P5)', async () => {
    const began = new Date(Date.now() - 60_000);
    await json(editService('by hand'));
    await note(org, task, { ordinal: 3, notes: { service: 'noted', dataFlow: 'In -> Out' }, began });
    await mergeNotes(org, task);
    const { events } = (await json(pad('GET /events'))) as { events: Record<string, unknown>[] };
    expect(events.at(-1)).toMatchObject({
      type: 'section.conflict',
      assignment: 'a3',
      changes: { dataFlow: 'In -> Out' },
      setAside: [{ field: 'service', offered: 'noted', stands: 'by hand', because: 'edited_by_hand' }],
    });
    expect(await json(pad('GET /sections/serviceArchitecture'))).toMatchObject({
      fields: { service: 'by hand', dataFlow: 'In -> Out' },
    });
  });

  test('gives way to the note of an assignment that began after the edit (P5)', async () => {
    await json(editService('by hand'));
    await note(org, task, { ordinal: 3, notes: { service: 'noted' }, began: new Date() });
    expect(await json(pad('GET /sections/serviceArchitecture'))).toMatchObject({ fields: { service: 'noted' } });
  });
});
