import { describe, expect, test } from '@jest/globals';
import { call, json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission } from '../../../src/coordination/schemas.ts';
import { climbLadders, handleSignal } from '../../../src/governance/escalations/climb-ladders.ts';
import { latestOfCause } from '../../../src/governance/escalations/escalations.firestore.ts';
import { causeOf } from '../../../src/governance/escalations/ids.ts';
import { detectInOperations } from '../../../src/governance/escalations/detect/detect-in-org.ts';
import { addSignal, noteAnswer, raiseEscalation } from '../../../src/governance/index.ts';
import type { Escalation, EscalationDraft } from '../../../src/governance/schemas.ts';
import { commit, firestore } from '../../../src/platform/firestore.ts';

const org = randomOrg();
const minuteMs = 60_000;
const later = (from: Date, minutes: number) => new Date(from.getTime() + minutes * minuteMs);

let made = 0;
/** A draft with a cause of its own. */
const aDraft = (over: Partial<EscalationDraft> = {}): EscalationDraft => {
  made += 1;
  return {
    org,
    task: null,
    trigger: 'breaking-api-change',
    severity: 'medium',
    title: 'The API contract has 1 breaking change',
    subject: `cause ${made}`,
    key: `key ${made}`,
    evidence: [{ source: 'artifact', ref: 'contract#/paths', detail: 'path-removed: /things is gone' }],
    by: null,
    ...over,
  };
};

const signaled = (drafts: readonly EscalationDraft[], now = new Date()) =>
  commit((batch) => drafts.forEach((each) => addSignal(batch, each, now)));
const counted = (draft: EscalationDraft, now = new Date()) => handleSignal(draft.org, causeOf(draft), now);
const latest = async (draft: EscalationDraft): Promise<Escalation | undefined> =>
  (await latestOfCause(draft.org, causeOf(draft)))?.value;
const mustBe = async (draft: EscalationDraft): Promise<Escalation> => {
  const found = await latest(draft);
  if (!found) throw new Error('There is no escalation.');
  return found;
};
const waiting = async (in_ = org) => (await firestore().collection(`orgs/${in_}/escalationSignals`).get()).size;
const messagesAbout = async ({ id, org }: Escalation) => {
  const found = await firestore().collection(`orgs/${org}/messages`).where('subject', '==', `escalations/${id}`).get();
  return found.docs.map((each) => each.data());
};

describe('a signal', () => {
  test('becomes an escalation only together with the commit that found it (C5)', async () => {
    const draft = aDraft();
    const beside = firestore().doc(`orgs/${org}/beside/${made}`);
    await beside.create({ org });
    const both = commit((batch) => {
      addSignal(batch, draft, new Date());
      batch.create(beside, { org });
    });
    await expect(both).rejects.toMatchObject({ code: 'store.exists' });
    await counted(draft);
    expect(await latest(draft)).toBeUndefined();
  });

  test('that comes again, before and after it was counted, counts once (C9)', async () => {
    const draft = aDraft();
    await signaled([draft]);
    await signaled([draft]);
    await counted(draft);
    await signaled([draft]);
    await counted(draft);
    expect(await latest(draft)).toMatchObject({ occurrences: 1, generation: 1, state: 'open' });
  });

  test('of a cause that is known is one more occurrence of the same escalation', async () => {
    const draft = aDraft();
    await signaled([draft, { ...draft, key: `${draft.key} again`, severity: 'critical' }]);
    await counted(draft);
    expect(await latest(draft)).toMatchObject({ occurrences: 2, severity: 'critical' });
  });

  test('counts exactly among a hundred and twenty that are counted by many at once (C7)', async () => {
    const draft = aDraft();
    await signaled(Array.from({ length: 120 }, (_, index) => ({ ...draft, key: `${draft.key} ${index}` })));
    await Promise.all([counted(draft), counted(draft), counted(draft)]);
    expect(await latest(draft)).toMatchObject({ occurrences: 120, generation: 1 });
    const occurrences = firestore().collection(`orgs/${org}/escalationOccurrences`);
    const { id } = await mustBe(draft);
    expect((await occurrences.where('escalation', '==', id).get()).size).toBe(120);
  });

  test('of one org is no occurrence of another’s cause (C8)', async () => {
    const draft = aDraft();
    const theirs = { ...draft, org: randomOrg() };
    await signaled([draft, theirs]);
    await Promise.all([counted(draft), counted(theirs)]);
    const ids = await Promise.all([latest(draft), latest(theirs)]);
    expect(ids.map((each) => each?.occurrences)).toEqual([1, 1]);
    expect(ids[0]?.id).not.toBe(ids[1]?.id);
  });

  test('whose event was lost is counted by the next sweep', async () => {
    const draft = aDraft({ org: randomOrg() });
    const now = new Date();
    await signaled([draft], now);
    await climbLadders(later(now, 2));
    expect(await latest(draft)).toMatchObject({ occurrences: 1 });
    expect(await waiting(draft.org)).toBe(0);
  });
});

describe('the ladder', () => {
  test('tells the peer at once, then the main coordinator, then a person, each once, and then lapses (S2)', async () => {
    const draft = aDraft();
    const now = new Date();
    await signaled([draft], now);
    await counted(draft, now);
    await counted(draft, now);
    const told = async () => {
      const messages = await messagesAbout(await mustBe(draft));
      return messages.map(({ kind, to }) => `${kind} ${to}`).sort();
    };
    expect(await told()).toEqual(['lateral frontend-coordinator']);
    await climbLadders(later(now, 14));
    expect((await mustBe(draft)).step).toBe(1);
    await Promise.all([climbLadders(later(now, 16)), climbLadders(later(now, 16))]);
    expect(await told()).toEqual(['escalation main-coordinator', 'lateral frontend-coordinator']);
    await climbLadders(later(now, 500));
    expect(await told()).toEqual([
      'escalation main-coordinator',
      'escalation main-coordinator',
      'lateral frontend-coordinator',
    ]);
    expect(await mustBe(draft)).toMatchObject({ state: 'open', step: 3, lapsedAt: null });
    await climbLadders(later(now, 560));
    expect(await mustBe(draft)).toMatchObject({ state: 'open', step: 3, wakeAt: null, lapsedAt: later(now, 560) });
  });

  test('is climbed again, with new messages, when what was acknowledged gets worse (S5)', async () => {
    const draft = aDraft();
    const now = new Date();
    await signaled([draft], now);
    await counted(draft, now);
    await climbLadders(later(now, 15));
    const { id } = await mustBe(draft);
    await json(call(`POST /v1/escalations/${id}/acknowledge`, { org }));
    const worse = { ...draft, key: `${draft.key} critical`, severity: 'critical' as const };
    await signaled([worse], later(now, 90));
    await counted(worse, later(now, 90));
    const told = await messagesAbout(await mustBe(draft));
    expect(told.map(({ kind, to }) => `${kind} ${to}`).sort()).toEqual([
      'escalation main-coordinator',
      'escalation main-coordinator',
      'lateral frontend-coordinator',
    ]);
    const shown = await json(call(`GET /v1/escalations/${id}`, { org }));
    expect(shown).toMatchObject({
      state: 'open',
      severity: 'critical',
      acknowledgement: null,
      step: 1,
      ladderFrom: later(now, 90).toISOString(),
    });
  });

  test('is climbed again when a person raises what lapsed (S5)', async () => {
    const draft = aDraft();
    const now = new Date();
    await signaled([draft], now);
    await counted(draft, now);
    for (const minute of [15, 60, 120]) await climbLadders(later(now, minute));
    expect(await mustBe(draft)).toMatchObject({ lapsedAt: later(now, 120) });
    const { trigger, subject } = draft;
    const body = { trigger, subject, title: 'It is still broken' };
    expect(await json(call('POST /v1/escalations', { org, body }), 201)).toMatchObject({
      generation: 1,
      lapsedAt: null,
      step: 0,
    });
    await climbLadders(new Date(Date.now() + minuteMs));
    expect(await messagesAbout(await mustBe(draft))).toHaveLength(4);
  });

  test('ends when somebody acknowledges', async () => {
    const draft = aDraft();
    const now = new Date();
    const { escalation } = await raiseEscalation(draft, now);
    await json(call(`POST /v1/escalations/${escalation.id}/acknowledge`, { org }));
    await climbLadders(later(now, 1_000));
    expect(await mustBe(draft)).toMatchObject({ state: 'acknowledged', step: 0, wakeAt: null, lapsedAt: null });
    expect(await messagesAbout(escalation)).toEqual([]);
  });
});

describe('the operations', () => {
  const act = (verb: string, id: string, body?: unknown, uid = 'operator-1') =>
    call(`POST /v1/escalations/${id}/${verb}`, { org, uid, ...(body !== undefined && { body }) });
  const raise = (body: unknown, headers: Record<string, string> = {}) =>
    call('POST /v1/escalations', { org, body, headers });
  const byHand = () => ({ trigger: 'service-outage', title: `The API is down ${made++}` });

  test('raise one by hand, of the usual severity, without the peers when it is urgent', async () => {
    const response = await raise({ ...byHand(), evidence: [{ ref: 'status page', detail: 'All red.' }] });
    const escalation = await json(response.clone(), 201);
    expect(response.headers.get('location')).toBe(`escalations/${String(escalation['id'])}`);
    expect(escalation).toMatchObject({
      severity: 'critical',
      state: 'open',
      ladder: [{ party: 'main-coordinator', afterMinutes: 0 }, { party: 'human' }],
      evidence: [{ source: 'person', ref: 'status page' }],
      history: [{ type: 'raised', by: { uid: 'operator-1', role: 'operator' } }],
    });
    expect(escalation).not.toHaveProperty('org');
    expect(await json(call(`GET /v1/escalations/${String(escalation['id'])}`, { org }))).toEqual(escalation);
  });

  test('raise once for one key, and refuse the key with another body: 409', async () => {
    const body = byHand();
    const key = { 'idempotency-key': 'key-1' };
    const first = await json(raise(body, key), 201);
    const again = await raise(body, key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await json(again, 201)).toEqual(first);
    expect(await json(raise({ ...body, severity: 'low' }, key), 409)).toMatchObject({
      code: 'governance.escalation_key_reused',
    });
    expect(await json(raise(body), 201)).toMatchObject({ id: first['id'], occurrences: 2 });
  });

  test('refuse what does not fit: 400', async () => {
    expect(await json(raise({ trigger: 'bad-weather', title: '' }), 400)).toMatchObject({
      errors: [{ pointer: '#/trigger' }, { pointer: '#/title' }],
    });
  });

  test('refuse a task that is not there, also when another organisation has it: 404 (C8)', async () => {
    const submittedBy = { channel: 'http' as const, uid: 'member-1', role: 'member' as const };
    const request = {
      org: randomOrg(),
      submission: submission.parse({ title: 'Theirs' }),
      submittedBy,
      now: new Date(),
    };
    const { task } = await submitTask(request);
    for (const named of [task.id, 'tsk_00000000000000000000']) {
      expect(await json(raise({ ...byHand(), task: named }), 404)).toMatchObject({
        code: 'coordination.task_not_found',
      });
    }
    const ours = await submitTask({ ...request, org });
    expect(await json(raise({ ...byHand(), task: ours.task.id }), 201)).toMatchObject({ task: ours.task.id });
  });

  test('acknowledge once: again by the same is harmless, by another is 409', async () => {
    const { id } = (await raiseEscalation(aDraft(), new Date())).escalation;
    const first = await json(act('acknowledge', id, { comment: 'I look at it.' }));
    expect(first).toMatchObject({
      state: 'acknowledged',
      acknowledgement: { by: { uid: 'operator-1', role: 'operator' }, comment: 'I look at it.' },
    });
    expect(await json(act('acknowledge', id))).toEqual(first);
    expect(await json(act('acknowledge', id, {}, 'operator-2'), 409)).toMatchObject({
      code: 'governance.escalation_taken',
      detail: 'It was acknowledged before by operator-1.',
    });
  });

  test('acknowledge one that is being counted at the same time, without losing either', async () => {
    const draft = aDraft();
    const { id } = (await raiseEscalation(draft, new Date())).escalation;
    await signaled(Array.from({ length: 20 }, (_, index) => ({ ...draft, key: `${draft.key} ${index}` })));
    await Promise.all([counted(draft), json(act('acknowledge', id)), counted(draft)]);
    expect(await mustBe(draft)).toMatchObject({ state: 'acknowledged', occurrences: 21 });
  });

  test('resolve once, and the same cause again is a new generation', async () => {
    const draft = aDraft();
    const { id } = (await raiseEscalation(draft, new Date())).escalation;
    const over = await json(act('resolve', id, { resolution: 'Version 2 keeps the field.' }));
    expect(over).toMatchObject({ state: 'resolved', resolution: { resolution: 'Version 2 keeps the field.' } });
    expect(await json(act('resolve', id, { resolution: 'Version 2 keeps the field.' }))).toEqual(over);
    expect(await json(act('resolve', id, { resolution: 'Otherwise.' }), 409)).toMatchObject({
      code: 'governance.escalation_taken',
    });
    expect(await json(act('acknowledge', id), 409)).toMatchObject({ code: 'governance.escalation_taken' });
    const next = await raiseEscalation({ ...draft, key: `${draft.key} again` }, later(new Date(), 1));
    expect(next.escalation).toMatchObject({ generation: 2, state: 'open', occurrences: 1 });
    expect(await json(call(`GET /v1/escalations/${id}`, { org }))).toEqual(over);
  });

  test('resolve what a detector sees again under the same key: that is a new generation, each time (S1)', async () => {
    const draft = aDraft();
    const start = new Date();
    for (const generation of [1, 2, 3]) {
      const { escalation } = await raiseEscalation(draft, later(start, generation));
      expect(escalation).toMatchObject({ generation, state: 'open', occurrences: 1 });
      expect((await raiseEscalation(draft, later(start, generation))).escalation).toEqual(escalation);
      await json(act('resolve', escalation.id, { resolution: 'Mended.' }));
    }
    const stale = await raiseEscalation({ ...draft, seenAt: start }, later(start, 9));
    expect(stale.escalation).toMatchObject({ generation: 3, state: 'resolved', occurrences: 1 });
  });

  test('need a resolution to resolve: 400', async () => {
    const { id } = (await raiseEscalation(aDraft(), new Date())).escalation;
    expect(await json(act('resolve', id, {}), 400)).toMatchObject({ errors: [{ pointer: '#/resolution' }] });
  });

  test('list the newest first, in pages, by state, severity and task', async () => {
    const own = randomOrg();
    const task = 'tsk_00000000000000000009';
    const start = new Date();
    const ids: string[] = [];
    for (const [index, over] of [
      {},
      { severity: 'high' as const },
      { task },
      { severity: 'high' as const, task },
    ].entries()) {
      const { escalation } = await raiseEscalation(aDraft({ org: own, ...over }), later(start, index));
      ids.push(escalation.id);
    }
    const list = async (query: string) => {
      const page = await json(call(`GET /v1/escalations?${query}`, { org: own }));
      return {
        ids: (page['escalations'] as { id: string }[]).map(({ id }) => ids.indexOf(id)),
        next: page['nextPageToken'],
      };
    };
    expect((await list('')).ids).toEqual([3, 2, 1, 0]);
    const first = await list('pageSize=3');
    expect(first).toEqual({ ids: [3, 2, 1], next: ids[1] });
    expect(await list(`pageSize=3&pageToken=${String(first.next)}`)).toEqual({ ids: [0], next: undefined });
    expect((await list('severity=high')).ids).toEqual([3, 1]);
    expect((await list(`task=${task}`)).ids).toEqual([3, 2]);
    expect((await list(`task=${task}&severity=high&state=open`)).ids).toEqual([3]);
    expect((await list('state=resolved')).ids).toEqual([]);
  });
});

describe('an outage of our own', () => {
  test('is on record when the answer that shows it arrives, and is told; after its resolution it is a new one', async () => {
    const own = randomOrg();
    const unreadable = 'esc_00000000000000000000_1';
    await firestore()
      .doc(`orgs/${own}/escalations/${unreadable}`)
      .create({ createdAt: new Date(0) });
    const failing = async (times: number) => {
      for (let time = 0; time < times; time++) {
        await json(call(`GET /v1/escalations/${unreadable}`, { org: own }), 500);
      }
    };
    const outage = aDraft({ org: own, trigger: 'service-outage', subject: 'getEscalation' });
    await failing(19);
    expect(await latest(outage)).toBeUndefined();
    await failing(1);
    const first = await mustBe(outage);
    expect(first).toMatchObject({ generation: 1, severity: 'critical', evidence: [{ source: 'operations' }] });
    await climbLadders(later(new Date(), 1));
    expect(await messagesAbout(first)).toMatchObject([{ kind: 'escalation', to: 'main-coordinator' }]);

    await json(call(`POST /v1/escalations/${first.id}/resolve`, { org: own, body: { resolution: 'Restarted.' } }));
    const soon = later(new Date(), 6);
    for (let time = 0; time < 20; time++) {
      await noteAnswer({ org: own, operation: 'getEscalation', failed: true }, soon);
    }
    expect(await mustBe(outage)).toMatchObject({ generation: 2, state: 'open' });
  });

  test('that two instances see with other figures is one', async () => {
    const own = randomOrg();
    const now = new Date();
    const raised = [
      [20, 20],
      [90, 80],
    ].map(([total = 0, failed = 0]) => detectInOperations(own, new Map([['listTasks', { total, failed }]]), now));
    const seen = await Promise.all(raised.flat().map((each) => raiseEscalation(each, now)));
    expect(seen.map(({ escalation }) => escalation.occurrences)).toEqual([1, 1]);
  });
});
