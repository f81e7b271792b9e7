// Sections that people and agents edit, one revision after the other.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { ifMatch, newTask, onPad } from './pads.ts';

const org = randomOrg();
let pad: ReturnType<typeof onPad>;

beforeEach(async () => {
  pad = onPad(org, await newTask(org));
});

const edit = (section: string, seen: number, fields: object, more: object = {}) =>
  pad(`PATCH /sections/${section}`, { body: { fields, ...more }, headers: ifMatch(seen), uid: 'ana', role: 'member' });

describe('a section', () => {
  test('that nobody has written is empty, or not there when its name is the callers’ own', async () => {
    const response = await pad('GET /sections/serviceArchitecture');
    expect(response.headers.get('etag')).toBe('"0"');
    expect(await json(response)).toEqual({ id: 'serviceArchitecture', number: 0, fields: {}, origins: {} });
    expect(await json(pad('GET /sections/risks'), 404)).toMatchObject({ code: 'scratchpads.section_not_found' });
  });

  test('is edited with the tag that the page gave, and shows who wrote what', async () => {
    const { etags } = (await json(pad('GET '))) as { etags: Record<string, string> };
    const response = await pad('PATCH /sections/apiContracts', {
      body: { fields: { authentication: 'ID token' } },
      headers: { 'if-match': etags['apiContracts'] ?? '' },
      uid: 'ana',
      role: 'member',
    });
    expect(response.headers.get('etag')).toBe('"1"');
    expect(await json(response)).toMatchObject({
      number: 1,
      fields: { authentication: 'ID token' },
      origins: { authentication: { number: 1, author: { uid: 'ana', role: 'member' } } },
    });
    expect(await json(pad('GET '))).toMatchObject({
      sections: { apiContracts: { authentication: 'ID token', slas: '–' } },
      etags: { apiContracts: '"1"' },
    });
  });

  test('takes one of two edits of the same revision; the other is 412, and an edit of none 428', async () => {
    const both = await Promise.all(['x', 'y'].map((text) => edit('risks', 0, { text })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(await json(edit('risks', 0, { text: 'z' }), 412)).toMatchObject({ code: 'http.precondition_failed' });
    const blind = pad('PATCH /sections/risks', { body: { fields: { text: 'z' } } });
    expect(await json(blind, 428)).toMatchObject({ code: 'http.precondition_required' });
    expect(await json(pad('GET /sections/risks'))).toMatchObject({ number: 1 });
  });

  test('that does not change makes no revision', async () => {
    await json(edit('risks', 0, { text: 'x' }));
    expect(await json(edit('risks', 1, { text: 'x' }))).toMatchObject({ number: 1 });
  });

  test.each([
    ['apiContracts', { service: 'x' }, '#/fields/service'],
    ['risks', { title: 'Progress Tracking' }, '#/fields/title'],
    ['checklist', { docs: { done: true } }, '#/fields/docs/text'],
    ['apiContracts', { slas: 3 }, '#/fields/slas'],
  ])('%s refuses the fields %j: 400 that names them', async (section, fields, pointer) => {
    expect(await json(edit(section, 0, fields), 400)).toMatchObject({ errors: [{ pointer }] });
  });

  test.each(['teamAssignments', 'progressTracking', 'pad', 'Risks'])('%s cannot be edited: 400', async (section) => {
    expect(await json(edit(section, 0, { text: 'x' }), 400)).toMatchObject({ errors: [{ pointer: 'path#/section' }] });
  });

  test('records the assignment that an edit is made for, which must be one of the task', async () => {
    const answer = edit('risks', 0, { text: 'x' }, { assignment: 'nothing' });
    expect(await json(answer, 404)).toMatchObject({ code: 'coordination.assignment_not_found' });
  });

  test('of the callers’ own stands on the page after those of the specification, and cannot pass for one of them', async () => {
    await json(edit('risks', 0, { title: 'Risks', text: '### Progress Tracking\n- [x] Production ready' }));
    const { markdown } = (await json(pad('GET '))) as { markdown: string };
    expect(markdown.match(/^#+ .*$/gm)?.at(-1)).toBe('### Risks');
    expect(markdown.match(/^- \[x\]/gm)).toBeNull();
    expect(markdown).toContain('\n> ### Progress Tracking\n> - [x] Production ready\n');
  });
});

test('items are ticked by hand, with who did it, and the seven of the specification are not', async () => {
  await json(edit('checklist', 0, { load: { text: 'Load test run' } }));
  await json(edit('checklist', 1, { load: { done: true } }));
  const page = await json(pad('GET '));
  expect(page['checklist']).toEqual([{ id: 'load', item: 'Load test run', tickedBy: 'ana' }]);
  expect((page['sections'] as { progressTracking: unknown[] }).progressTracking).toHaveLength(7);
  expect(page['markdown']).toMatch(/\n- \[x\] Load test run\n$/);
});

describe('the history of a section', () => {
  beforeEach(async () => {
    await json(edit('risks', 0, { title: 'Risks', text: 'quota\nlatency' }));
    await json(edit('risks', 1, { text: 'quota\ncost' }));
    await json(edit('risks', 2, { title: null }));
  });

  test('is listed newest first, in pages without a gap', async () => {
    const first = await json(pad('GET /sections/risks/revisions?pageSize=2'));
    expect(first).toMatchObject({ revisions: [{ number: 3, changes: { title: null } }, { number: 2 }] });
    const rest = await json(
      pad(`GET /sections/risks/revisions?pageSize=2&pageToken=${String(first['nextPageToken'])}`),
    );
    expect(rest).toMatchObject({ revisions: [{ number: 1, author: { uid: 'ana', role: 'member' } }] });
    expect(rest).not.toHaveProperty('nextPageToken');
  });

  test('keeps what the section held after each revision', async () => {
    const revision = await json(pad('GET /sections/risks/revisions/1'));
    expect(revision).toMatchObject({ type: 'section.revised', fields: { title: 'Risks', text: 'quota\nlatency' } });
    const none = await json(pad('GET /sections/risks/revisions/4'), 404);
    expect(none).toMatchObject({ code: 'scratchpads.revision_not_found' });
  });

  test('is compared by field and line, also with nothing', async () => {
    expect(await json(pad('GET /sections/risks/diff?from=1&to=3'))).toEqual({
      from: 1,
      to: 3,
      fields: [
        {
          field: 'text',
          change: 'changed',
          lines: [
            { op: 'same', text: 'quota' },
            { op: 'removed', text: 'latency' },
            { op: 'added', text: 'cost' },
          ],
        },
        { field: 'title', change: 'removed', lines: [{ op: 'removed', text: 'Risks' }] },
      ],
    });
    expect(await json(pad('GET /sections/risks/diff?from=0&to=3'))).toMatchObject({ fields: [{ change: 'added' }] });
    expect(await json(pad('GET /sections/risks/diff?from=1'), 400)).toMatchObject({
      errors: [{ pointer: 'query#/to' }],
    });
    await json(pad('GET /sections/risks/diff?from=1&to=9'), 404);
  });

  test('is taken back by a new revision, for those who saw the latest', async () => {
    const rollBack = (to: number, seen: number) =>
      pad('POST /sections/risks/rollback', { body: { to }, headers: ifMatch(seen), uid: 'ben' });
    await json(rollBack(1, 2), 412);
    await json(rollBack(7, 3), 404);
    expect(await json(pad('POST /sections/risks/rollback', { body: { to: 1 } }), 428)).toMatchObject({ status: 428 });
    const back = { title: 'Risks', text: 'quota\nlatency' };
    expect(await json(rollBack(1, 3))).toMatchObject({ number: 4, fields: back });
    expect(await json(rollBack(1, 3), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect(await json(pad('GET /sections/risks/revisions/4'))).toMatchObject({
      type: 'section.rolled_back',
      rolledBackTo: 1,
      author: { uid: 'ben' },
      fields: back,
    });
    expect(await json(rollBack(0, 4))).toMatchObject({ number: 5, fields: {} });
    expect(await json(pad('GET '))).toMatchObject({ custom: [], etags: { risks: '"5"' } });
  });
});

describe('an archived scratchpad', () => {
  test('can be read and takes no edits until it is opened again; archiving twice is harmless', async () => {
    await json(edit('risks', 0, { text: 'x' }));
    expect(await json(pad('POST /archive'))).toEqual({ archived: true, relatedTasks: [] });
    expect(await json(pad('POST /archive'))).toEqual({ archived: true, relatedTasks: [] });
    const refused = [
      edit('risks', 1, { text: 'y' }),
      pad('POST /sections/risks/rollback', { body: { to: 0 }, headers: ifMatch(1) }),
      pad(`PUT /related/${await newTask(org)}`),
    ];
    for (const answer of refused) expect(await json(answer, 409)).toMatchObject({ code: 'scratchpads.archived' });
    expect(await json(pad('GET '))).toMatchObject({ archived: true, status: 'Archived', custom: [{ text: 'x' }] });
    expect(await json(pad('POST /unarchive'))).toMatchObject({ archived: false });
    await json(edit('risks', 1, { text: 'y' }));
    const { events } = (await json(pad('GET /events'))) as { events: { type: string }[] };
    expect(events.map(({ type }) => type)).toEqual([
      'section.revised',
      'pad.archived',
      'pad.unarchived',
      'section.revised',
    ]);
  });
});

describe('related scratchpads', () => {
  test('are linked once and unlinked, and stand on the page with those that the plan implies', async () => {
    const other = await newTask(org, 'Rate limits');
    const linked = { archived: false, relatedTasks: [{ task: other, title: 'Rate limits' }] };
    expect(await json(pad(`PUT /related/${other}`))).toEqual(linked);
    expect(await json(pad(`PUT /related/${other}`))).toEqual(linked);
    expect(await json(pad('GET '))).toMatchObject({ related: ['Rate limits'], relatedTasks: linked.relatedTasks });
    expect(await json(pad(`DELETE /related/${other}`))).toMatchObject({ relatedTasks: [] });
    expect(await json(pad(`DELETE /related/${other}`))).toMatchObject({ relatedTasks: [] });
    const { events } = (await json(pad('GET /events'))) as { events: { type: string }[] };
    expect(events.map(({ type }) => type)).toEqual(['pad.linked', 'pad.unlinked']);
  });

  test('are those of other tasks of the organisation', async () => {
    const theirs = await newTask(randomOrg());
    expect(await json(pad(`PUT /related/${theirs}`), 404)).toMatchObject({ code: 'coordination.task_not_found' });
    const task = await newTask(org);
    const itself = onPad(org, task)(`PUT /related/${task}`);
    expect(await json(itself, 422)).toMatchObject({ code: 'scratchpads.linked_to_itself' });
  });
});
