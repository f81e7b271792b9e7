import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { call, json } from '../api/callers.ts';
import { observe, randomOrg } from '../harness.ts';
import { expireDueApprovals } from '../../../src/governance/approvals/expire-approvals.ts';
import {
  approve,
  approvalsOfTask,
  getApproval,
  requestApproval,
  type ApprovalDraft,
} from '../../../src/governance/index.ts';
import { defaultPolicy, type Approval, type ApprovalId } from '../../../src/governance/schemas.ts';
import { commit, firestore, storeErrors } from '../../../src/platform/firestore.ts';

const org = randomOrg();
const aTask = (last: number) => `tsk_${String(last).padStart(20, '0')}`;

const draft: Omit<ApprovalDraft, 'key'> = {
  org,
  task: aTask(1),
  subject: { kind: 'waiver', gate: 'backup', reason: 'There is nothing to back up.' },
  reason: 'The backup gate cannot be met.',
  requestedBy: { kind: 'agent', id: 'backend-coordinator' },
  policy: { ...defaultPolicy.approvals, onSilence: 'reject' },
};

let keys = 0;
/** A request that is kept already. */
const requested = async (rest: Partial<ApprovalDraft> = {}, now = new Date()): Promise<Approval> => {
  const made: Approval[] = [];
  await commit((batch) => made.push(requestApproval(batch, { ...draft, key: `request-${keys++}`, ...rest }, now)));
  const [approval] = made;
  if (!approval) throw new Error('Nothing was requested.');
  return approval;
};

type Verb = 'approve' | 'reject' | 'delegate';
const say = (verb: Verb, id: ApprovalId, rest: Partial<Parameters<typeof call>[1]> = {}) =>
  call(`POST /v1/approvals/${id}/${verb}`, { org, ...rest });
const stored = (id: ApprovalId) => getApproval(org, id);

afterEach(() => observe(undefined));

describe('a request', () => {
  test('is made together with what waits for it, or not at all (C5)', async () => {
    const beside = firestore().doc(`orgs/${org}/tasks/${aTask(2)}`);
    const both = () =>
      commit((batch) => {
        requestApproval(batch, { ...draft, key: 'beside', task: aTask(2) }, new Date());
        batch.create(beside, { org });
      });
    await beside.create({ org });
    await expect(both()).rejects.toMatchObject({ code: storeErrors.exists.code });
    expect(await approvalsOfTask(org, aTask(2))).toEqual([]);
    await beside.delete();
    await both();
    expect(await approvalsOfTask(org, aTask(2))).toHaveLength(1);
  });

  test('is told to the main coordinator, once', async () => {
    const { id, deadlineAt } = await requested({ task: aTask(3) });
    expect(await json(call(`GET /v1/messages?task=${aTask(3)}`, { org }))).toMatchObject({
      messages: [
        {
          kind: 'approval',
          to: 'main-coordinator',
          subject: `approvals/${id}`,
          body: {
            status: 'approval_required',
            summary: 'The backup gate cannot be met.',
            metrics: { deadline: deadlineAt.toISOString(), on_silence: 'reject' },
            concerns: ['The gate backup would be waived: There is nothing to back up.'],
          },
        },
      ],
    });
  });

  test('that was made before with the same key stays as it was (C9)', async () => {
    const first = await requested({ key: 'once' });
    const again = requested({ key: 'once', reason: 'Another reason.' });
    await expect(again).rejects.toMatchObject({ code: storeErrors.exists.code });
    expect(await stored(first.id)).toEqual(first);
  });

  test('is read with what it comes to', async () => {
    const subject = { kind: 'waiver' as const, gate: 'backup' as const, reason: 'There is no data yet.' };
    const { id, deadlineAt } = await requested({ subject });
    const body = await json(call(`GET /v1/approvals/${id}`, { org, role: 'member' }));
    expect(body).toMatchObject({
      id,
      state: 'pending',
      outcome: 'pending',
      subject,
      deadlineAt: deadlineAt.toISOString(),
      decision: null,
      history: [{ type: 'requested' }],
    });
    expect(body).not.toHaveProperty('org');
    expect(body).not.toHaveProperty('wakeAt');
  });

  test('about decisions keeps what was to be decided, and why it is not ours', async () => {
    const decisions = [
      {
        decision: {
          kind: 'schema-migration',
          summary: 'Drop a field',
          rationale: 'Unused',
          detail: { field: 'title' },
        },
        why: 'pads: title is removed.',
      },
    ];
    const { id } = await requested({ subject: { kind: 'decisions', assignment: 'data-model', decisions } });
    expect(await json(call(`GET /v1/approvals/${id}`, { org }))).toMatchObject({ subject: { decisions } });
  });
});

describe('the list', () => {
  const listOrg = randomOrg();
  const list = async (query: string) => {
    const { approvals, nextPageToken } = await json(call(`GET /v1/approvals?${query}`, { org: listOrg }));
    return { ids: (approvals as { id: string }[]).map(({ id }) => id), nextPageToken };
  };
  let ids: ApprovalId[] = [];
  beforeAll(async () => {
    const inTask = (task: number, minute: number) =>
      requested({ org: listOrg, task: aTask(task) }, new Date(Date.now() - minute * 60_000));
    ids = (await Promise.all([inTask(1, 4), inTask(2, 3), inTask(1, 2), inTask(2, 1)])).map(({ id }) => id).reverse();
    const [newest] = ids;
    if (newest) await approve(listOrg, newest, { by: { uid: 'bob', role: 'operator' }, now: new Date() });
  });

  test('is newest first, in pages', async () => {
    const first = await list('pageSize=3');
    expect(first).toEqual({ ids: ids.slice(0, 3), nextPageToken: ids[2] });
    expect(await list(`pageSize=3&pageToken=${ids[2]}`)).toEqual({ ids: ids.slice(3), nextPageToken: undefined });
  });

  test('can be of a state, of a task, and of both', async () => {
    expect((await list('state=approved')).ids).toEqual([ids[0]]);
    expect((await list(`task=${aTask(2)}`)).ids).toEqual([ids[0], ids[2]]);
    expect((await list(`state=pending&task=${aTask(2)}`)).ids).toEqual([ids[2]]);
  });

  test('of a state that does not exist is 400', async () => {
    const answer = call('GET /v1/approvals?state=maybe', { org: listOrg });
    expect(await json(answer, 400)).toMatchObject({ errors: [{ pointer: 'query#/state' }] });
  });

  test('holds nothing of another organisation (C8)', async () => {
    expect(await json(call('GET /v1/approvals', { org: randomOrg() }))).toEqual({ approvals: [] });
  });
});

describe('a decision', () => {
  test('approves, needs no body, and may be said twice by the same person', async () => {
    const { id } = await requested();
    const first = await json(say('approve', id));
    expect(first).toMatchObject({ state: 'approved', outcome: 'granted', decision: { by: { uid: 'operator-1' } } });
    expect(await json(say('approve', id, { body: { comment: 'As I said.' } }))).toEqual(first);
  });

  test('rejects, with a comment and the wish for rework', async () => {
    const { id } = await requested();
    const body = { comment: 'Keep it for a quarter.', rework: true };
    expect(await json(say('reject', id, { role: 'main-coordinator', body }))).toMatchObject({
      state: 'rejected',
      outcome: 'refused',
      decision: { by: { uid: 'main-coordinator-1', role: 'main-coordinator' }, ...body },
    });
  });

  test('that contradicts the one that was taken is 409', async () => {
    const { id } = await requested();
    await json(say('approve', id));
    expect(await json(say('reject', id), 409)).toMatchObject({ code: 'governance.approval_is_over' });
    expect(await json(say('approve', id, { uid: 'someone-else' }), 409)).toMatchObject({
      detail: 'It was approved already.',
    });
  });

  test('after the deadline is 409, before the sweeper has come, too', async () => {
    const { id } = await requested({ deadlineAt: new Date(Date.now() - 1_000) });
    expect(await json(say('approve', id), 409)).toMatchObject({ code: 'governance.approval_is_over' });
  });

  test('by a member is 403, unless it was delegated to them', async () => {
    const { id } = await requested();
    const dan = { role: 'member' as const, uid: 'dan' };
    expect(await json(say('approve', id, dan), 403)).toMatchObject({ code: 'governance.not_yours_to_decide' });
    expect(await json(say('delegate', id, { ...dan, body: { uid: 'dan' } }), 403)).toMatchObject({
      code: 'governance.not_yours_to_decide',
    });
    expect(await json(say('delegate', id, { body: { uid: 'dan' } }))).toMatchObject({ delegatedTo: { uid: 'dan' } });
    expect(await json(say('approve', id, dan))).toMatchObject({ state: 'approved', decision: { by: dan } });
  });

  test('on one’s own request is 403', async () => {
    const { id } = await requested({ requestedBy: { kind: 'person', uid: 'ann', role: 'operator' } });
    expect(await json(say('approve', id, { uid: 'ann' }), 403)).toMatchObject({
      detail: 'Nobody decides on their own request.',
    });
    expect(await json(say('delegate', id, { uid: 'bob', body: { uid: 'ann' } }), 400)).toMatchObject({
      errors: [{ pointer: '#/uid' }],
    });
  });

  test('with an unknown field is 400', async () => {
    const { id } = await requested();
    expect(await json(say('reject', id, { body: { rewrok: true } }), 400)).toMatchObject({
      errors: [{ pointer: '#/rewrok' }],
    });
    expect(await json(say('delegate', id, { body: { uid: 'dan', role: 'member' } }), 400)).toMatchObject({
      code: 'platform.invalid_input',
    });
    expect(await json(say('delegate', id, { body: { role: 'agent' } }), 400)).toMatchObject({
      code: 'platform.invalid_input',
    });
  });

  test('of many at once is one: the others are told (A1)', async () => {
    const { id } = await requested();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => say(index % 2 ? 'approve' : 'reject', id, { uid: `lead-${index}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const { history, decision } = await stored(id);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect([history.length, decision?.by.uid]).toEqual([2, `lead-${winner}`]);
  });

  test('of which the database did not say whether it was kept, is found and not taken twice', async () => {
    const { id } = await requested();
    let lost = 0;
    observe({
      before: () => {},
      after: (kind) => {
        // gRPC's DEADLINE_EXCEEDED, after the commit.
        if (kind === 'firestore.commit' && lost++ === 0) throw Object.assign(new Error('too slow'), { code: 4 });
      },
    });
    expect(await json(say('approve', id))).toMatchObject({ state: 'approved' });
    expect([lost, (await stored(id)).history.length]).toEqual([1, 2]);
  });
});

describe('silence', () => {
  const past = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  test('ends requests of all organisations at their deadline, with what it stands for', async () => {
    const elsewhere = randomOrg();
    const refused = await requested({ deadlineAt: past(2) });
    const granted = await requested({
      org: elsewhere,
      deadlineAt: past(1),
      policy: { ...defaultPolicy.approvals, onSilence: 'approve' },
    });
    const waiting = await requested();
    await expireDueApprovals(new Date());
    expect(await json(call(`GET /v1/approvals/${refused.id}`, { org }))).toMatchObject({
      state: 'expired',
      outcome: 'refused',
    });
    expect(await json(call(`GET /v1/approvals/${granted.id}`, { org: elsewhere }))).toMatchObject({
      state: 'expired',
      outcome: 'granted',
    });
    expect(await stored(waiting.id)).toEqual(waiting);
  });

  test('ends a request once, however many sweepers run', async () => {
    const { id } = await requested({ deadlineAt: past(1) });
    await Promise.all([1, 2, 3].map(() => expireDueApprovals(new Date())));
    expect((await stored(id)).history.map(({ type }) => type)).toEqual(['requested', 'expired']);
  });

  test('ends the requests behind one that cannot be read', async () => {
    const broken = firestore().doc(`orgs/${randomOrg()}/approvals/broken`);
    await broken.create({ wakeAt: past(100) });
    const { id } = await requested({ deadlineAt: past(1) });
    await expireDueApprovals(new Date());
    await broken.delete();
    expect((await stored(id)).state).toBe('expired');
  });

  test('is no end of a request that was decided', async () => {
    const { id } = await requested({ deadlineAt: past(1) }, past(3));
    const decided = await approve(org, id, { by: { uid: 'bob', role: 'operator' }, now: past(2) });
    await expireDueApprovals(new Date());
    expect(await stored(id)).toEqual(decided);
  });
});
