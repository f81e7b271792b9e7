// What a task may publish when another of its service was faster.
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { acceptDesign, acceptedDesign } from '../../../src/coordination/designs.firestore.ts';
import { getArtifact, listArtifacts, retryTask } from '../../../src/coordination/index.ts';
import { taskId, type TaskId } from '../../../src/coordination/schemas.ts';
import { climbLadders } from '../../../src/governance/escalations/climb-ladders.ts';
import { approve, getApproval, listEscalations, reject } from '../../../src/governance/index.ts';
import { approvalId } from '../../../src/governance/schemas.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { beforeDatabaseCloses, justBefore, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

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

const contract = { id: 'contract', specialist: 'api-designer', title: 'Contract', artifactKind: 'openapi' };
const rest = {
  id: 'rest',
  specialist: 'nodejs-expert',
  title: 'Rest',
  artifactKind: 'markdown',
  dependsOn: ['contract'],
};
const designed = (service: string, title: string, plan: object[] = [contract]) =>
  team.submit({ title, category: 'performance', service, plan });

/** A task that has delivered its contract before the service had any, and is not done. */
const slow = async (service: string, title = 'Store parcels'): Promise<TaskId> => {
  team.deliveries = (assignment) => (assignment === 'rest' ? 0 : 1);
  const { id } = await designed(service, title, [contract, rest]);
  await team.reached(id, 'contract', 'succeeded');
  return id;
};
const fast = async (service: string, title = 'Store invoices with their receipts'): Promise<TaskId> => {
  const { id } = await designed(service, title);
  expect((await team.over(id)).state).toBe('completed');
  return id;
};
const goOn = async (id: TaskId): Promise<void> => {
  team.deliveries = () => 1;
  await team.advance(id);
};
const asked = async (id: TaskId) => approvalId.parse((await team.waiting(id, 'approval')).id);
const publishedBy = async (service: string) => (await acceptedDesign(org, service, 'openapi'))?.value.task;
const alarmsOf = async (id: TaskId) => {
  await climbLadders(new Date(Date.now() + 60_000));
  const { escalations } = await listEscalations(org, { pageSize: 50 });
  return escalations.filter(({ task }) => task === id).map(({ trigger, occurrences }) => ({ trigger, occurrences }));
};

/** Another task's contract, the same as the one that the service has, is accepted. */
const acceptedAgain = async (service: string): Promise<void> => {
  const before = await acceptedDesign(org, service, 'openapi');
  if (!before) throw new Error('The service has no contract.');
  const [made] = await listArtifacts(org, before.value.task);
  if (!made) throw new Error('The contract is gone.');
  const contract = await getArtifact(org, before.value.task, made.id);
  const other = { ...contract, task: taskId.parse(`tsk_${'0'.repeat(20)}`) };
  await commit((batch) => acceptDesign(batch, other, { service, metrics: {}, before, at: new Date() }));
};

describe('a design that breaks what its service has accepted since it was delivered', () => {
  test('is not published before that is approved, and is told of (U1)', async () => {
    const id = await slow('side-by-side');
    const other = await fast('side-by-side');
    await goOn(id);
    const approval = await asked(id);
    expect(await getApproval(org, approval)).toMatchObject({
      state: 'pending',
      subject: { kind: 'publication', decisions: [{ decision: { kind: 'api-deprecation' } }] },
    });
    await team.advance(id);
    expect((await team.stored(id)).value).toMatchObject({ state: 'awaiting_approval', waits: [{ id: approval }] });
    expect(await publishedBy('side-by-side')).toBe(other);
    expect(await alarmsOf(id)).toEqual([{ trigger: 'breaking-api-change', occurrences: 1 }]);
    await approve(org, approval, { by, now: new Date() });
    await team.decided(approval);
    expect((await team.over(id)).state).toBe('completed');
    expect(await publishedBy('side-by-side')).toBe(id);
    expect(await alarmsOf(id)).toEqual([{ trigger: 'breaking-api-change', occurrences: 1 }]);
  });

  test('is judged in a task that is tried again, too; its rejection rejects the task', async () => {
    team.providers.setFaults([{ contains: 'Your assignment: Rest', fault: { kind: 'content-filter' } }]);
    const { id: source } = await designed('later', 'Store parcels', [contract, rest]);
    expect((await team.over(source)).state).toBe('failed');
    team.providers.setFaults([]);
    const other = await fast('later');
    const submittedBy = { channel: 'pubsub' as const, messageId: 'again' };
    const { task } = await retryTask({ org, source, submittedBy, now: new Date() });
    await team.created(task.id);
    const approval = await asked(task.id);
    await reject(org, approval, { by, comment: 'Keep the invoices.', now: new Date() });
    await team.decided(approval);
    expect(await team.over(task.id)).toMatchObject({ state: 'rejected', failure: { detail: 'Keep the invoices.' } });
    expect(await publishedBy('later')).toBe(other);
  });

  test('is published by the sweeper when who drew the consequence of the approval died', async () => {
    const id = await slow('swept');
    await fast('swept');
    await goOn(id);
    await approve(org, await asked(id), { by, now: new Date() });
    await team.advance(id);
    expect((await team.over(id)).state).toBe('completed');
  });

  test('is asked for again when yet another is accepted just before it would be published (U2)', async () => {
    const id = await slow('overtaken');
    await fast('overtaken');
    await goOn(id);
    const first = await asked(id);
    await approve(org, first, { by, now: new Date() });
    justBefore('firestore.commit', 2, () => acceptedAgain('overtaken'));
    await team.decided(first);
    const second = await asked(id);
    expect(second).not.toBe(first);
    expect(await publishedBy('overtaken')).not.toBe(id);
    await approve(org, second, { by, now: new Date() });
    await team.decided(second);
    expect((await team.over(id)).state).toBe('completed');
  });
});

test('a design that breaks nothing of what its service has accepted meanwhile is published at once', async () => {
  const id = await slow('the-same');
  await fast('the-same', 'Store parcels');
  await goOn(id);
  expect((await team.over(id)).state).toBe('completed');
  expect(await publishedBy('the-same')).toBe(id);
});
