import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { add, lateral, reportIn } from './outbox.ts';
import { recordDispatch } from '../../../src/communication/deliveries.firestore.ts';
import { beginDelivery } from '../../../src/communication/delivery.ts';

const org = randomOrg();
const send = (body: object, headers: Record<string, string> = {}) => call('POST /v1/messages', { org, body, headers });

const fieldsOf = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, value]));

describe('a lateral message sent by hand', () => {
  test('is recorded in the shape of the specification', async () => {
    const response = await send(lateral);
    const message = await json(response, 202);
    expect(message).toMatchObject({ kind: 'lateral', to: 'frontend-coordinator', task: null, body: lateral });
    expect(response.headers.get('location')).toBe(`messages/${String(message['id'])}`);
    expect(message).not.toHaveProperty('org');
    expect(message).not.toHaveProperty('wakeAt');
    expect(await json(call(`GET /v1/messages/${String(message['id'])}`, { org }))).toEqual({
      ...message,
      deliveries: [],
    });
  });

  test('twice with the same key is one', async () => {
    const headers = { 'idempotency-key': 'update-1' };
    const first = await send(lateral, headers);
    const { from, to, type, content } = lateral;
    const second = await send({ content, type, to, from }, headers);
    expect(await json(second, 202)).toEqual(await json(first, 202));
    expect([first, second].map((each) => each.headers.get('idempotent-replayed'))).toEqual([null, 'true']);
  });

  test('with the key of another is 409', async () => {
    const headers = { 'idempotency-key': 'update-2' };
    await json(send(lateral, headers), 202);
    const other = send({ ...lateral, to: 'devops-coordinator' }, headers);
    expect(await json(other, 409)).toMatchObject({ code: 'communication.key_reused' });
  });

  test('with a key that another organisation used is its own', async () => {
    const headers = { 'idempotency-key': 'update-3' };
    const ours = await json(send(lateral, headers), 202);
    const theirs = await json(call('POST /v1/messages', { org: randomOrg(), body: lateral, headers }), 202);
    expect(theirs['id']).not.toBe(ours['id']);
  });

  test.each([
    ['from somebody else', { ...lateral, from: 'main-coordinator' }, '#/from'],
    ['upwards', { ...lateral, to: 'main-coordinator' }, '#/to'],
    ['without a type', { ...lateral, type: undefined }, '#/type'],
    ['of a type that is none', { ...lateral, type: 'API Update' }, '#/type'],
    ['with an unknown field', { ...lateral, cc: 'quality-coordinator' }, '#/cc'],
    ['with a list within a list', { ...lateral, content: { changes: [['a']] } }, '#/content/changes'],
    ['with a field without a name', { ...lateral, content: { '': 'a' } }, '#/content/'],
    ['nested too deep', { ...lateral, content: { a: { b: { c: 'd' } } } }, '#/content/a'],
  ])('%s is 400', async (_, body, pointer) => {
    const { errors } = await json(send(body), 400);
    expect(errors).toEqual([expect.objectContaining({ pointer })]);
  });

  test.each([
    ['many fields', fieldsOf(2_500, 1)],
    // About 100 kB as JSON, and four times that in the database.
    [
      'more than a document holds',
      fieldsOf(
        25,
        fieldsOf(
          10,
          Array.from({ length: 190 }, () => 1),
        ),
      ),
    ],
  ])('with %s is 400', async (_, content) => {
    const { errors } = await json(send({ ...lateral, content }), 400);
    expect(errors).toContainEqual(expect.objectContaining({ pointer: '#/content' }));
  });

  test('may be as large as it is allowed to be', async () => {
    const content = fieldsOf(100, 'x'.repeat(2_600));
    expect(await json(send({ ...lateral, content }), 202)).toMatchObject({ body: { content } });
    expect(await json(send({ ...lateral, content: fieldsOf(100, 'x'.repeat(2_620)) }), 400)).toMatchObject({
      errors: [{ pointer: '#/content' }],
    });
  });

  test('may carry texts, numbers, lists and one level of fields', async () => {
    const content = {
      changes: ['a', 'b'],
      count: 2,
      breaking: false,
      none: null,
      types: { file: 'api.d.ts', lines: [1, 2] },
    };
    expect(await json(send({ ...lateral, content }), 202)).toMatchObject({ body: { content } });
  });
});

describe('messages', () => {
  const other = randomOrg();
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  const task = 'tsk_0f3c9a1be47d25c8a6b1';
  const ids: string[] = [];
  const list = async (query = '') => {
    const page = await json(call(`GET /v1/messages${query}`, { org: other }));
    return { ids: (page['messages'] as { id: string }[]).map(({ id }) => id), next: page['nextPageToken'] };
  };
  beforeAll(async () => {
    const drafts = [
      { ...reportIn(other), task },
      { org: other, key: 'lateral', kind: 'lateral' as const, task, body: lateral },
      { ...reportIn(other), kind: 'approval' as const, subject: 'approvals/apr_1' },
    ];
    for (const [minute, draft] of drafts.entries()) ids.push((await add(draft, at(minute))).id);
  });

  test('are listed newest first, in pages', async () => {
    const first = await list('?pageSize=2');
    expect(first).toEqual({ ids: [ids[2], ids[1]], next: ids[1] });
    expect(await list(`?pageSize=2&pageToken=${String(first.next)}`)).toEqual({ ids: [ids[0]], next: undefined });
  });

  test('are listed by kind, recipient and task', async () => {
    expect((await list('?kind=report')).ids).toEqual([ids[0]]);
    expect((await list('?to=main-coordinator')).ids).toEqual([ids[2], ids[0]]);
    expect((await list(`?task=${task}`)).ids).toEqual([ids[1], ids[0]]);
    expect((await list(`?task=${task}&kind=lateral&to=frontend-coordinator`)).ids).toEqual([ids[1]]);
    expect((await list(`?task=${task}&kind=approval`)).ids).toEqual([]);
  });

  test.each(['?kind=rumour', '?to=everybody', '?pageSize=0', '?pageToken=tsk_1'])(
    'listed by %s is 400',
    async (query) => {
      await json(call(`GET /v1/messages${query}`, { org: other }), 400);
    },
  );

  test('are read with their deliveries', async () => {
    const message = await add({ ...reportIn(other), subject: 'approvals/apr_2' }, at(10));
    const delivery = beginDelivery(message, 'whk_00000000000000000001', at(11));
    await recordDispatch(message, [delivery]);
    expect(await json(call(`GET /v1/messages/${message.id}`, { org: other }))).toMatchObject({
      id: message.id,
      subject: 'approvals/apr_2',
      deliveries: [{ id: delivery.id, state: 'pending', attempts: [{ at: at(11).toISOString(), outcome: 'unknown' }] }],
    });
  });
});
