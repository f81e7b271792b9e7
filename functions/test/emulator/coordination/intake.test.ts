import { randomUUID } from 'node:crypto';
import { PubSub, type Message } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import functionsTest from 'firebase-functions-test';
import { getDeadLetter, listDeadLetters, listTasks, replayDeadLetter } from '../../../src/coordination/index.ts';
import { keepDeadLetter } from '../../../src/coordination/dead-letters.ts';
import { topicOf } from '../../../src/coordination/directive.ts';
import { acceptTask } from '../../../src/coordination/functions.ts';
import { producerKey } from '../../../src/coordination/ids.ts';
import { intakeTopic, submission, type Submission } from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { keyOfCaller } from '../../../src/platform/idempotency.ts';
import { unroutedOrg } from '../../../src/platform/schemas.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const platform = functionsTest({ projectId: process.env['GCLOUD_PROJECT'] ?? '' });
const accept = platform.wrap(acceptTask);
afterAll(() => platform.cleanup());

/** The event that the platform hands to a function for one published message. */
const published = (
  data: string | Buffer,
  attributes: Record<string, string> = {},
  messageId: string = randomUUID(),
) => ({
  id: messageId,
  time: new Date().toISOString(),
  data: {
    message: {
      data: Buffer.from(data).toString('base64'),
      attributes,
      messageId,
      publishTime: new Date().toISOString(),
    },
    subscription: 'test',
  },
});
const json = (value: unknown, attributes?: Record<string, string>, messageId?: string): Promise<unknown> =>
  accept(published(JSON.stringify(value), attributes, messageId)) as Promise<unknown>;

const titlesOf = async (org: ReturnType<typeof randomOrg>) =>
  (await listTasks(org, { pageSize: 50 })).tasks.map((task) => task.submission.title);
const lettersOf = async (org: ReturnType<typeof randomOrg>) =>
  (await listDeadLetters(org, { pageSize: 50 })).deadLetters;

describe('a message on coordination-tasks', () => {
  test('becomes one task however often the platform delivers it (C9)', async () => {
    const org = randomOrg();
    const messageId = randomUUID();
    await Promise.all([1, 2, 3, 4].map(() => json({ org, title: 'Once' }, {}, messageId)));
    expect(await titlesOf(org)).toEqual(['Once']);
  });

  test('becomes one task however often the producer sends it with the same key', async () => {
    const org = randomOrg();
    await json({ org, title: 'Keyed', idempotencyKey: 'k' });
    await json({ org, title: 'Keyed' }, { idempotencyKey: 'k' });
    expect(await titlesOf(org)).toEqual(['Keyed']);
  });

  test('that comes again after its deadline meets its task and is no dead letter (C9)', async () => {
    const org = randomOrg();
    const messageId = randomUUID();
    const [accepted, deadline] = [90, 30].map((minutes) => new Date(Date.now() - minutes * 60_000));
    const late = { title: 'Late', deadline: deadline?.toISOString() };
    await submitTask({
      org,
      submission: submission.parse(late),
      key: producerKey(messageId),
      submittedBy: { channel: 'pubsub', messageId },
      now: accepted ?? new Date(),
    });
    await json({ org, ...late }, {}, messageId);
    expect([await titlesOf(org), await lettersOf(org)]).toEqual([['Late'], []]);
    await json({ org, ...late, title: 'Other' }, {}, messageId);
    expect((await lettersOf(org)).map(({ reason }) => reason.code)).toEqual(['coordination.deadline_in_past']);
  });

  test('with a used key and another content is kept as a dead letter', async () => {
    const org = randomOrg();
    await json({ org, title: 'One', idempotencyKey: 'k' });
    await json({ org, title: 'Two', idempotencyKey: 'k' });
    expect(await titlesOf(org)).toEqual(['One']);
    expect((await lettersOf(org)).map(({ reason }) => reason.code)).toEqual(['coordination.key_reused']);
  });

  test.each([
    ['no JSON', 'plain words', [['#', 'must be JSON']]],
    ['half a JSON', '{"title": "x"', [['#', 'must be JSON']]],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), [['#', 'must be JSON']]],
    ['an array', '[]', [['#', expect.any(String)]]],
    ['a deeply nested array', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, [['#', expect.any(String)]]],
    ['no data', '', [['#', 'must be JSON']]],
  ])('that is %s is kept with the reason and acknowledged', async (_, data, errors) => {
    const org = randomOrg();
    await accept(published(data, { org }));
    const [letter] = await lettersOf(org);
    expect(letter?.reason.code).toBe('platform.invalid_input');
    expect(letter?.reason.errors.map(({ pointer, detail }) => [pointer, detail])).toEqual(errors);
  });

  test('names every failing field', async () => {
    const org = randomOrg();
    await json({
      org,
      title: 7,
      category: 'plumbing',
      priority: 'now',
      extra: true,
      plan: [{ id: 'Ä', specialist: 'The plumber' }],
    });
    const [letter] = await lettersOf(org);
    expect(letter?.reason.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '#/category',
      '#/extra',
      '#/plan/0/artifactKind',
      '#/plan/0/id',
      '#/plan/0/specialist',
      '#/plan/0/title',
      '#/priority',
      '#/title',
    ]);
  });

  test.each<[string, object, string]>([
    ['half a character', { title: 'half \ud83d' }, '#/title'],
    ['the character NUL', { title: 'x', description: 'a\0b' }, '#/description'],
    ['a field that no document can have', { title: 'x', __x__: 1 }, '#/__x__'],
    ['a field named by half a character', { title: 'x', '\ud83d': 1 }, '#/\ufffd'],
    ['a sum of money that is too large', { title: 'x', budgetNanoUsd: '9007199254740992' }, '#/budgetNanoUsd'],
    ['a time that is too late', { title: 'x', startAt: '9999-12-31T23:59:59Z' }, '#/startAt'],
    ['a time that is too late in UTC', { title: 'x', deadline: '9999-12-31T23:59:59-23:59' }, '#/deadline'],
    ['a time before all times', { title: 'x', startAt: '0000-01-01T00:00:00Z' }, '#/startAt'],
  ])('with %s is kept with the field', async (_, message, pointer) => {
    const org = randomOrg();
    await json({ org, ...message });
    expect((await lettersOf(org)).map(({ reason }) => reason)).toMatchObject([
      { code: 'platform.invalid_input', errors: [{ pointer }] },
    ]);
    expect(await titlesOf(org)).toEqual([]);
  });

  test('with a name of a field that is cut within a character is kept', async () => {
    const org = randomOrg();
    await json({ org, title: 'x', [`${'x'.repeat(197)}🦊`]: 1 });
    expect(await lettersOf(org)).toHaveLength(1);
  });

  test('with attributes that no document can have is kept without them, and says so', async () => {
    const org = randomOrg();
    await json({ org, title: 7 }, { __x__: 'a', traceparent: 'b' });
    const [letter] = await lettersOf(org);
    expect(letter?.attributes).toEqual({ traceparent: 'b' });
    expect(letter?.reason.detail).toContain('Attributes with names that cannot be stored were left out: 1.');
  });

  test('with more faults than a document holds is kept with some of them and their number', async () => {
    const org = randomOrg();
    const plan = Array.from({ length: 200 }, () => ({ ['x'.repeat(300)]: true }));
    await json({ org, title: 'x', plan });
    const [letter] = await lettersOf(org);
    expect(letter?.reason.detail).toContain('100 of 1000 errors');
    expect(letter?.reason.errors).toHaveLength(100);
    expect(Math.max(...(letter?.reason.errors.map(({ pointer }) => pointer.length) ?? []))).toBe(200);
  });

  test('with a circular plan is kept with the guard-rail it breaks', async () => {
    const org = randomOrg();
    const node = { specialist: 'nodejs-expert', title: 'x', artifactKind: 'markdown' };
    await json({
      org,
      title: 'x',
      plan: [
        { id: 'a', ...node, dependsOn: ['b'] },
        { id: 'b', ...node, dependsOn: ['a'] },
      ],
    });
    expect((await lettersOf(org)).map(({ reason }) => reason.code)).toEqual(['coordination.invalid_plan']);
  });

  describe('with a large plan', () => {
    /** So many assignments with instructions of 8,000 characters each. */
    const planOf = (length: number, letter: string) =>
      Array.from({ length }, (_, index) => ({
        id: `part-${index}`,
        specialist: 'nodejs-expert',
        title: 'Part',
        instructions: letter.repeat(8_000),
        artifactKind: 'markdown',
      }));

    test('that fits into a document becomes a task', async () => {
      const org = randomOrg();
      await json({ org, title: 'Fits', plan: planOf(110, 'x') });
      expect([await titlesOf(org), await lettersOf(org)]).toEqual([['Fits'], []]);
    });

    test.each([
      ['ASCII', 150, 'x'],
      ['three bytes a letter', 150, '語'],
    ])('that does not, in %s, is kept at once with the field and its limit', async (_, length, letter) => {
      const org = randomOrg();
      await json({ org, title: 'Does not fit', plan: planOf(length, letter) });
      const [kept] = await lettersOf(org);
      expect(kept?.reason).toMatchObject({
        code: 'coordination.invalid_plan',
        errors: [{ pointer: '#/plan', detail: expect.stringContaining('900000 is the most') }],
      });
      expect(await titlesOf(org)).toEqual([]);
    });
  });

  test('that names the org of messages which name none is refused', async () => {
    const marker = randomUUID();
    await json({ title: marker, org: unroutedOrg });
    expect(await titlesOf(unroutedOrg)).not.toContain(marker);
    const { deadLetters } = await listDeadLetters(unroutedOrg, { pageSize: 50 });
    expect(deadLetters.find(({ payload }) => payload.includes(marker))?.reason.errors).toEqual([
      { pointer: '#/org', detail: 'is reserved' },
    ]);
  });

  test('that names no org is kept where only operators of the whole service look', async () => {
    const marker = randomUUID();
    await json({ title: marker, org: '../other' });
    const kept = await listDeadLetters(unroutedOrg, { pageSize: 50 });
    expect(kept.deadLetters.some(({ payload }) => payload.includes(marker))).toBe(true);
  });
});

describe('a dead letter', () => {
  const topic = intakeTopic;
  const pubsub = new PubSub();
  const by = { channel: 'http' as const, uid: 'operator-1', role: 'operator' as const };
  beforeAll(() => pubsub.createTopic(topic));
  afterAll(() => pubsub.close());

  const keep = async (
    org: ReturnType<typeof randomOrg>,
    payload: string,
    messageId: string = randomUUID(),
    own?: { source: string; attributes: Record<string, string> },
  ) => {
    const reason = { code: 'platform.invalid_input', detail: 'x', errors: [] };
    const from = own ? { ...own, isOurs: true } : { source: topic, attributes: { org }, isOurs: false };
    await keepDeadLetter({ messageId, payload, reason, ...from });
    const [letter] = await lettersOf(org);
    if (!letter) throw new Error('It was not kept.');
    return letter;
  };

  test('is kept once when its message comes twice', async () => {
    const org = randomOrg();
    await keep(org, '{}', 'same');
    await keep(org, '{}', 'same');
    expect(await lettersOf(org)).toHaveLength(1);
  });

  test('is invisible to other orgs (C8)', async () => {
    const letter = await keep(randomOrg(), '{}');
    await expect(getDeadLetter(randomOrg(), letter.id)).rejects.toMatchObject({
      row: { code: 'coordination.dead_letter_not_found' },
    });
  });

  test('goes back to its topic with its id as the idempotency key', async () => {
    const org = randomOrg();
    const [subscription] = await pubsub.createSubscription(topic, `replays-${randomUUID()}`);
    const letter = await keep(org, JSON.stringify({ org, title: 'x' }));
    const received = new Promise<Record<string, string>>((resolve) => {
      subscription.once('message', (message: { attributes: Record<string, string>; ack(): void }) => {
        message.ack();
        resolve(message.attributes);
      });
    });
    expect(await replayDeadLetter(org, letter.id, { by, now: new Date() })).toMatchObject({ state: 'replayed' });
    expect(await received).toMatchObject({ deadLetter: letter.id });
    expect(await getDeadLetter(org, letter.id)).toMatchObject({ state: 'replayed' });
    await subscription.close();
  });

  test.each([
    ['another org', { org: 'somebody-else', title: 'x' }],
    ['no org', { title: 'x' }],
  ])('cannot be used to reach %s', async (_, payload) => {
    const org = randomOrg();
    const letter = await keep(org, '{}');
    await expect(replayDeadLetter(org, letter.id, { payload, by, now: new Date() })).rejects.toMatchObject({
      row: { code: 'coordination.dead_letter_foreign' },
    });
  });

  describe('of a topic of the service’s own', () => {
    const source = topicOf('low');
    beforeAll(() => pubsub.createTopic(source));
    const keepOwn = (org: ReturnType<typeof randomOrg>, payload: string) =>
      keep(org, payload, randomUUID(), { source, attributes: { org, signature: 's' } });

    test('goes back as it was, to the letter, with its signature', async () => {
      const org = randomOrg();
      const [subscription] = await pubsub.createSubscription(source, `own-${randomUUID()}`);
      const text = `{"org": "${org}",  "record": {"org": "somebody-else"}}`;
      const letter = await keepOwn(org, text);
      const received = new Promise<[string, Record<string, string>]>((resolve) => {
        subscription.once('message', (message: Message) => {
          message.ack();
          resolve([message.data.toString(), message.attributes]);
        });
      });
      await replayDeadLetter(org, letter.id, { by, now: new Date() });
      expect(await received).toEqual([text, { org, signature: 's' }]);
      await subscription.close();
    });

    test('takes no other payload, and stays as it is', async () => {
      const org = randomOrg();
      const letter = await keepOwn(org, JSON.stringify({ org }));
      const replay = replayDeadLetter(org, letter.id, { payload: { org, record: { org: 'x' } }, by, now: new Date() });
      await expect(replay).rejects.toMatchObject({ row: { code: 'coordination.dead_letter_fixed' } });
      expect(await getDeadLetter(org, letter.id)).toMatchObject({ state: 'kept' });
    });

    test('that is not JSON cannot be sent again', async () => {
      const org = randomOrg();
      const replay = replayDeadLetter(org, (await keepOwn(org, 'words')).id, { by, now: new Date() });
      await expect(replay).rejects.toMatchObject({ row: { code: 'coordination.dead_letter_unreadable' } });
    });
  });

  test('that is not JSON needs a payload to be sent again', async () => {
    const org = randomOrg();
    const letter = await keep(org, 'words');
    await expect(replayDeadLetter(org, letter.id, { by, now: new Date() })).rejects.toMatchObject({
      row: { code: 'coordination.dead_letter_unreadable' },
    });
  });
});

describe('an idempotency key', () => {
  const submit = (org: ReturnType<typeof randomOrg>, title: string, key?: string) => {
    const parsed: Submission = submission.parse({ title });
    const submittedBy = { channel: 'http' as const, uid: 'u', role: 'member' as const };
    return submitTask({ org, submission: parsed, key: keyOfCaller('u', key), submittedBy, now: new Date() });
  };

  test('makes one task of requests that arrive at the same moment', async () => {
    const org = randomOrg();
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(org, 'Same', 'key')));
    expect(new Set(answers.map(({ task }) => task.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('is refused with another request', async () => {
    const org = randomOrg();
    await submit(org, 'One', 'key');
    await expect(submit(org, 'Two', 'key')).rejects.toMatchObject({ row: { code: 'coordination.key_reused' } });
  });

  test('means nothing to another org', async () => {
    const [one, other] = await Promise.all([submit(randomOrg(), 'One', 'key'), submit(randomOrg(), 'Two', 'key')]);
    expect(one.task.id).not.toBe(other.task.id);
  });
});
