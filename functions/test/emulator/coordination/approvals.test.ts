import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pageOfMessages } from '../../../src/communication/messages.firestore.ts';
import { retryTask } from '../../../src/coordination/fork-task.ts';
import { cancelTask, getReport, listArtifacts, listAssignments } from '../../../src/coordination/index.ts';
import { resumeAfter } from '../../../src/coordination/resume-approved.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import { expire } from '../../../src/governance/approvals/approval-state.ts';
import { approvalsOfTask, findApproval, saveApproval } from '../../../src/governance/approvals/approvals.firestore.ts';
import { expireDueApprovals } from '../../../src/governance/approvals/expire-approvals.ts';
import { approve, getApproval, readPolicy, reject, replacePolicy } from '../../../src/governance/index.ts';
import { approvalId, orgPolicy, type ApprovalId } from '../../../src/governance/schemas.ts';
import { mergeNotes } from '../../../src/scratchpads/merge-notes.ts';
import { draftOf } from '../../../src/scratchpads/pad.ts';
import { readPad } from '../../../src/scratchpads/index.ts';
import { beforeDatabaseCloses, justBefore, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const by = { uid: 'boss', role: 'main-coordinator' as const };
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const deciding = (kind: string) => [
  {
    id: 'first',
    specialist: 'api-designer',
    title: 'First',
    instructions: `[[stand-in: decide=${kind}]]`,
    artifactKind: 'service-boundaries',
  },
  { id: 'second', specialist: 'nodejs-expert', title: 'Second', artifactKind: 'markdown', dependsOn: ['first'] },
];
let services = 0;
/** Each of a service of its own: what one has brought in is not new to the next task on it. */
const submitted = (plan: object[] = deciding('third-party-integration')) =>
  team.submit({ title: 'One that decides', category: 'performance', service: `service-${services++}`, plan });
const statesOf = async (id: TaskId) => (await listAssignments(org, id)).map(({ state }) => state);
const asked = () => team.providers.requests().length;

/** A task whose first assignment has made a decision that is not ours, and the request for it. */
const awaiting = async (plan?: object[]) => {
  const { id } = await submitted(plan);
  const wait = await team.waiting(id, 'approval');
  return { id, wait, approval: approvalId.parse(wait.id) };
};
const approved = async (approval: ApprovalId) => {
  await approve(org, approval, { by, now: new Date() });
  await team.decided(approval);
};
const rejected = async (approval: ApprovalId, rest: { comment?: string; rework?: boolean } = {}) => {
  await reject(org, approval, { by, now: new Date(), ...rest });
  await team.decided(approval);
};
/** What the sweep of approvals does to this one when its deadline has passed. */
const expired = async (approval: ApprovalId) => {
  const stored = await findApproval(org, approval);
  if (!stored) throw new Error('The request is gone.');
  await saveApproval(stored, expire(stored.value, stored.value.deadlineAt));
};

describe('a result that rests on a decision above our authority', () => {
  test('is kept, waits for its approval, and nothing that follows is started (R5)', async () => {
    const before = asked();
    const { id, wait, approval } = await awaiting();
    const { value } = await team.stored(id);
    expect(value.state).toBe('awaiting_approval');
    expect(wait).toMatchObject({ assignment: 'first', party: 'main-coordinator or operator', onSilence: 'fail' });
    expect(wait.deadlineAt).toEqual(value.deadlineAt);
    await team.advance(id);
    expect(await statesOf(id)).toEqual(['awaiting_approval', 'blocked']);
    expect((await listArtifacts(org, id)).map((artifact) => artifact.id)).toEqual(['first']);
    expect(await getApproval(org, approval)).toMatchObject({
      state: 'pending',
      task: id,
      requestedBy: { kind: 'agent', id: 'api-designer' },
      subject: { assignment: 'first', decisions: [{ decision: { kind: 'third-party-integration' } }] },
    });
    expect(asked() - before).toBe(1);
  });

  test('counts once it is approved, without being made again', async () => {
    const before = asked();
    const { id, approval } = await awaiting();
    await approved(approval);
    expect(await team.over(id)).toMatchObject({ state: 'completed', waits: [] });
    expect(await statesOf(id)).toEqual(['succeeded', 'succeeded']);
    expect(asked() - before).toBe(2);
  });

  test('rejects the task when it is rejected, with who and why, and closes what is left', async () => {
    const { id, approval } = await awaiting();
    await rejected(approval, { comment: 'No third parties.' });
    expect(await team.over(id)).toMatchObject({
      state: 'rejected',
      failure: { code: 'coordination.rejected', detail: expect.stringContaining('No third parties.') },
    });
    expect(await statesOf(id)).toEqual(['canceled', 'canceled']);
    expect(await getReport(org, id)).toMatchObject({ status: 'rejected' });
  });

  test('goes back with the objection when it may be reworked, and asks again for what it decides then', async () => {
    const mentioned = team.mentions('Use what we have.');
    const { id, approval } = await awaiting();
    await rejected(approval, { comment: 'Use what we have.', rework: true });
    const again = await until(async () => (await team.stored(id)).value.waits.find((wait) => wait.id !== approval));
    expect(mentioned()).toBe(1);
    await approved(approvalId.parse(again.id));
    expect((await team.over(id)).state).toBe('completed');
    const [first] = await listAssignments(org, id);
    expect(first).toMatchObject({ epoch: 2, remarks: [{ kind: 'objection', text: 'Use what we have.', by: 'boss' }] });
  });

  test('has what it notes of the rework in the scratchpad, after what it noted before (P3, P7)', async () => {
    const [first] = deciding('third-party-integration');
    const { id, approval } = await awaiting([{ ...first, specialist: 'api-designer' }]);
    await mergeNotes(org, id);
    await rejected(approval, { rework: true });
    const again = await until(async () => (await team.stored(id)).value.waits.find((wait) => wait.id !== approval));
    await approved(approvalId.parse(again.id));
    await team.over(id);
    const { unsaved } = draftOf(await readPad(org, id), 'serviceArchitecture');
    expect(unsaved).toMatchObject([{ number: 2, assignment: 'first', epoch: 2 }]);
  });

  test('that is one of ours to take does not wait', async () => {
    const { id } = await submitted(deciding('caching'));
    expect((await team.over(id)).state).toBe('completed');
  });
});

describe('a request whose task is over', () => {
  test('is withdrawn and cannot be decided any more (A2)', async () => {
    const { id, approval } = await awaiting();
    await cancelTask(org, id, { by: 'ann' });
    expect(await getApproval(org, approval)).toMatchObject({ state: 'withdrawn', decision: null, wakeAt: null });
    await expect(approve(org, approval, { by, now: new Date() })).rejects.toMatchObject({
      code: 'governance.approval_is_over',
    });
    await team.decided(approval);
    expect(await statesOf(id)).toEqual(['canceled', 'canceled']);
  });

  test('is withdrawn by the sweeper when who ended the task died before', async () => {
    const { id, approval } = await awaiting();
    await team.dieCancelling(id);
    expect((await getApproval(org, approval)).state).toBe('pending');
    await team.advance(id);
    await team.over(id);
    expect((await getApproval(org, approval)).state).toBe('withdrawn');
  });
});

describe('silence', () => {
  test('comes to what the policy said when the request was made', async () => {
    const { policy, revision } = await readPolicy(org);
    const silent = (onSilence: 'approve' | 'reject') =>
      orgPolicy.parse({ ...policy, approvals: { ...policy.approvals, onSilence } });
    const now = new Date();
    const strict = await replacePolicy(org, { policy: silent('reject'), by, seen: revision, now });
    const refused = await awaiting();
    const lenient = await replacePolicy(org, { policy: silent('approve'), by, seen: strict.revision, now });
    const granted = await awaiting();
    await replacePolicy(org, { policy, by, seen: lenient.revision, now });
    for (const { approval } of [refused, granted]) {
      await expired(approval);
      await team.decided(approval);
    }
    expect(await team.over(refused.id)).toMatchObject({
      state: 'rejected',
      failure: { detail: 'first: Nobody approved it in time.' },
    });
    expect((await team.over(granted.id)).state).toBe('completed');
  });
});

describe('silence on a request of the usual policy', () => {
  test('leaves the task waiting until its own deadline, with reminders, and what it made can be retried (A7)', async () => {
    const { id, approval } = await awaiting();
    const asked = await getApproval(org, approval);
    expect([asked.onSilence, asked.deadlineAt]).toEqual(['pause', (await team.stored(id)).value.deadlineAt]);
    for (const { remindAt } of [asked, asked]) {
      const due = (await getApproval(org, approval)).remindAt ?? remindAt;
      await expireDueApprovals(due ?? new Date());
    }
    const reminded = await getApproval(org, approval);
    expect(reminded).toMatchObject({ state: 'pending', remindAt: null, wakeAt: null });
    const { records } = await pageOfMessages(org, { task: id, kind: 'approval' }, { pageSize: 10 });
    expect(records.map(({ body }) => ('summary' in body ? body.summary : '').startsWith('Reminder: ')).sort()).toEqual([
      false,
      true,
      true,
    ]);
    await team.advance(id, 25 * 60 * 60_000);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.deadline_exceeded' } });
    expect((await getApproval(org, approval)).state).toBe('withdrawn');
    const retried = await retryTask({
      org,
      source: id,
      submittedBy: { channel: 'pubsub', messageId: 'r' },
      now: new Date(),
    });
    expect(retried.task.forkedFrom?.task).toBe(id);
  });
});

describe('a fact that was granted once', () => {
  test('is not asked about again in the same task when the work is delivered again', async () => {
    const deciding = {
      ...{ id: 'first', specialist: 'api-designer', title: 'First', artifactKind: 'service-boundaries' },
      instructions: '[[stand-in: decide=third-party-integration]]',
    };
    const review = {
      ...{ id: 'review', specialist: 'security-engineer', title: 'Review', artifactKind: 'code-review' },
      ...{
        dependsOn: ['first'],
        instructions: '[[stand-in: changes-needed]] [[stand-in: decide=third-party-integration]]',
      },
    };
    const { id, approval } = await awaiting([deciding, review]);
    await approved(approval);
    expect((await team.over(id)).state).toBe('completed');
    expect((await listAssignments(org, id)).map((each) => each.id)).toContain('review-rework-1');
    expect(await approvalsOfTask(org, id)).toHaveLength(1);
  });
});

describe('a decision', () => {
  test('delivered again and again has its consequence once', async () => {
    const { id, approval } = await awaiting();
    await approve(org, approval, { by, now: new Date() });
    await Promise.all([1, 2, 3].map(() => team.decided(approval)));
    expect((await team.over(id)).state).toBe('completed');
    await team.decided(approval);
    expect((await listAssignments(org, id)).map(({ epoch }) => epoch)).toEqual([1, 1]);
    expect((await team.stored(id)).value.state).toBe('completed');
  });

  test.each([1, 2])(
    'that had its consequence just before read %i of one who draws it, too, has it once',
    async (nth) => {
      const { id, approval } = await awaiting();
      await approve(org, approval, { by, now: new Date() });
      const decided = await getApproval(org, approval);
      justBefore('firestore.read', nth, () => team.decided(approval));
      await resumeAfter(decided, new Date());
      expect((await team.over(id)).state).toBe('completed');
      expect((await listAssignments(org, id)).map(({ epoch }) => epoch)).toEqual([1, 1]);
    },
  );

  test('to have it reworked is sent on when it is delivered again, should the first have died before it was', async () => {
    const { id, approval } = await awaiting();
    team.deliveries = () => 0;
    await rejected(approval, { comment: 'Use what we have.', rework: true });
    team.deliveries = () => 1;
    await team.decided(approval);
    expect((await team.reached(id, 'first', 'awaiting_approval')).epoch).toBe(2);
  });

  test.each([
    ['approved', 'completed'],
    ['rejected', 'rejected'],
  ] as const)('to leave it %s, whose consequence a crash prevented, is found by the sweeper', async (verdict, end) => {
    const { id, approval } = await awaiting();
    await { approved: approve, rejected: reject }[verdict](org, approval, { by, now: new Date() });
    await team.advance(id);
    expect((await team.over(id)).state).toBe(end);
  });

  test('of another assignment changes nothing', async () => {
    const two = [...deciding('third-party-integration'), { ...deciding('third-party-integration')[0], id: 'other' }];
    const { id } = await submitted(two);
    const waits = await until(async () => {
      const found = (await team.stored(id)).value.waits;
      return found.length === 2 ? found : undefined;
    });
    const other = waits.find(({ assignment }) => assignment === 'other');
    await approved(approvalId.parse(other?.id));
    await team.reached(id, 'other', 'succeeded');
    expect((await team.stored(id)).value).toMatchObject({
      state: 'awaiting_approval',
      waits: [{ assignment: 'first' }],
    });
  });
});

describe('what the work shows next to what was accepted for the same service', () => {
  const service = 'documents';
  const designed = (title: string, kind: string, specialist: string) =>
    team.submit({
      ...{ title, description: '[[stand-in: replace]]', category: 'performance', service },
      plan: [{ id: 'design', specialist, title: 'Design', artifactKind: kind }],
    });

  test('a cost increase of more than 20 % needs approval though nobody stated it', async () => {
    const cheap = await designed('Hello', 'deployment-plan', 'cloud-architect');
    expect((await team.over(cheap.id)).state).toBe('completed');
    const dear = await designed('Store invoices with their receipts', 'deployment-plan', 'cloud-architect');
    const wait = await team.waiting(dear.id, 'approval');
    expect((await getApproval(org, approvalId.parse(wait.id))).subject).toMatchObject({
      decisions: [{ decision: { kind: 'cost-increase' } }],
    });
    await approved(approvalId.parse(wait.id));
    expect((await team.over(dear.id)).state).toBe('completed');
    const same = await designed('Store invoices with their receipts', 'deployment-plan', 'cloud-architect');
    expect((await team.over(same.id)).state).toBe('completed');
  });

  test('so does an operation that is gone from the API', async () => {
    const before = await designed('Store invoices with their receipts', 'openapi', 'api-designer');
    expect((await team.over(before.id)).state).toBe('completed');
    const after = await designed('Store parcels', 'openapi', 'api-designer');
    const wait = await team.waiting(after.id, 'approval');
    expect((await getApproval(org, approvalId.parse(wait.id))).subject).toMatchObject({
      decisions: [{ decision: { kind: 'api-deprecation' } }],
    });
  });
});
