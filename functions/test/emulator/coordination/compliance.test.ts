import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { acceptedDesign } from '../../../src/coordination/designs.firestore.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import { stopOnSilence } from '../../../src/coordination/stop-on-silence.ts';
import { handleSignal } from '../../../src/governance/escalations/climb-ladders.ts';
import { latestOfCause } from '../../../src/governance/escalations/escalations.firestore.ts';
import { causeOf } from '../../../src/governance/escalations/ids.ts';
import { approve, readPolicy, reject, replacePolicy } from '../../../src/governance/index.ts';
import { approvalId, orgPolicy } from '../../../src/governance/schemas.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const boss = { uid: 'boss', role: 'main-coordinator' as const };
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
  const { revision } = await readPolicy(org);
  // Every collection of the stand-in's data models says who made a record.
  const dataClasses = [{ name: 'authors', fields: ['createdBy'], requires: ['security-rules'] }];
  const policy = orgPolicy.parse({ requiredGates: [], dataClasses });
  await replacePolicy(org, { policy, by: boss, seen: revision, now: new Date() });
});
afterEach(() => {
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const model = 'firestore-schema';
const rules = 'security-rules';
const made = (kind: string) => ({ id: kind, specialist: 'firebase-specialist', title: kind, artifactKind: kind });

const submitted = (title: string, kinds: string[], rest: object) =>
  team.submit({ title, category: 'database-schema', plan: kinds.map(made), ...rest });
const decided = async (id: TaskId, decide: typeof approve | typeof reject) => {
  const approval = approvalId.parse((await team.waiting(id, 'approval')).id);
  await decide(org, approval, { by: boss, now: new Date() });
  await team.decided(approval);
  return team.over(id);
};

/** What is escalated of the task that made these designs, for collections named after its title. */
const alarmsAfter = async (title: string, kinds: string[], rest: object = {}) => {
  const { id } = await submitted(title, kinds, rest);
  await until(async () => {
    const { value } = await team.stored(id);
    return value.state === 'completed' || value.state === 'awaiting_approval' ? value : undefined;
  });
  const alarms = await alarmsOf(id, kinds);
  if (alarms.length > 0) await decided(id, approve);
  expect((await team.over(id)).state).toBe('completed');
  expect(await alarmsOf(id, kinds)).toEqual(alarms);
  return alarms;
};
const alarmsOf = async (id: TaskId, kinds: string[]) => {
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const cause = causeOf({ org, trigger: 'compliance', subject: `${id} ${kind}` });
      await handleSignal(org, cause, new Date());
      return (await latestOfCause(org, cause))?.value;
    }),
  );
  return found.flatMap((each) => each?.evidence.map(({ detail }) => detail) ?? []);
};
/** What the escalation of a model without rules has become. */
const escalationOf = async (id: TaskId) => {
  const cause = causeOf({ org, trigger: 'compliance', subject: `${id} ${model}` });
  await handleSignal(org, cause, new Date());
  const found = await latestOfCause(org, cause);
  if (!found) throw new Error('There is no escalation.');
  return found.value;
};
const unnamed = expect.stringContaining('the security rules do not name it');

describe('a finished task whose data needs care', () => {
  test('is escalated when nobody wrote security rules, with a service and without', async () => {
    const none = expect.stringContaining('there are no security rules');
    expect(await alarmsAfter('Store recipes', [model])).toEqual([none]);
    expect(await alarmsAfter('Store recipes', [model], { service: 'without-rules' })).toEqual([none]);
  });

  test('is not escalated when its own rules guard every collection', async () => {
    expect(await alarmsAfter('Store recipes', [model, rules])).toEqual([]);
  });

  test('has its model judged by the rules that the service has', async () => {
    const service = { service: 'has-rules' };
    expect(await alarmsAfter('Store recipes', [rules], service)).toEqual([]);
    expect(await alarmsAfter('Store recipes', [model], service)).toEqual([]);
    const other = { service: 'has-other-rules' };
    expect(await alarmsAfter('Store recipes', [rules], other)).toEqual([]);
    expect(await alarmsAfter('Store invoices', [model], other)).toEqual([unnamed]);
  });

  test('has its rules judged by the model that the service has', async () => {
    const service = { service: 'has-model' };
    expect(await alarmsAfter('Store invoices', [model], service)).toHaveLength(1);
    expect(await alarmsAfter('Store recipes', [rules], service)).toEqual([unnamed]);
  });
});

describe('data without the safeguards that it needs', () => {
  const held = async (service: string) => {
    const { id } = await submitted('Store recipes', [model], { service });
    const wait = await team.waiting(id, 'approval');
    expect(wait.reason).toContain('there are no security rules');
    expect(await acceptedDesign(org, service, model)).toBeUndefined();
    return id;
  };

  test('is published when somebody above approves it, and not before', async () => {
    const id = await held('approved');
    expect((await decided(id, approve)).state).toBe('completed');
    expect((await acceptedDesign(org, 'approved', model))?.value.task).toBe(id);
  });

  test('is not published when it is rejected', async () => {
    expect((await decided(await held('rejected'), reject)).state).toBe('rejected');
    expect(await acceptedDesign(org, 'rejected', model)).toBeUndefined();
  });

  test('stops its task when nobody answers on all of the ladder', async () => {
    const id = await held('silent');
    const escalation = await escalationOf(id);
    expect(escalation.defaultOnSilence).toBe('stop');
    await stopOnSilence({ ...escalation, lapsedAt: new Date() });
    expect((await team.over(id)).state).toBe('canceled');
    expect(await acceptedDesign(org, 'silent', model)).toBeUndefined();
  });
});
