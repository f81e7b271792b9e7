// From a cause to its escalation and to the message that tells of it: what the watcher sees of an org, look by look.
import { describe, expect, test } from '@jest/globals';
import { watchAllOrgs } from '../../../src/coordination/watch-orgs.ts';
import type { Task } from '../../../src/coordination/schemas.ts';
import { climbLadders } from '../../../src/governance/escalations/climb-ladders.ts';
import { latestOfCause } from '../../../src/governance/escalations/escalations.firestore.ts';
import { causeOf, escalationIdFor } from '../../../src/governance/escalations/ids.ts';
import { listEscalations, readPolicy, replacePolicy } from '../../../src/governance/index.ts';
import { orgPolicy, type Escalation } from '../../../src/governance/schemas.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { startTeam, type Team } from '../coordination/team.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const boss = { uid: 'boss', role: 'main-coordinator' as const };
const minuteMs = 60_000;
const later = (minutes: number) => new Date(Date.now() + minutes * minuteMs);

/** A team in an org of its own, with that policy. */
const teamWith = async (policy: object): Promise<{ org: OrgId; team: Team }> => {
  const org = randomOrg();
  const team = await startTeam(org);
  beforeDatabaseCloses(() => team.stop());
  const { revision } = await readPolicy(org);
  await replacePolicy(org, { policy: orgPolicy.parse(policy), by: boss, seen: revision, now: new Date() });
  return { org, team };
};

const part = (id: string) => ({ id, specialist: 'nodejs-expert', title: id, artifactKind: 'markdown' });

const completed = async (team: Team): Promise<Task> => {
  const { id } = await team.submit({ title: 'Costs something', category: 'performance', plan: [part('build')] });
  return team.over(id);
};
/** A task that is under way for as long as the test lasts: it waits for a decision. */
const underWay = async (team: Team): Promise<Task> => {
  const instructions = '[[stand-in: decide=third-party-integration]]';
  const plan = [
    { ...part('decides'), instructions },
    { ...part('after'), dependsOn: ['decides'] },
  ];
  const { id } = await team.submit({ title: 'Under way', category: 'performance', plan });
  await team.waiting(id, 'approval');
  return (await team.stored(id)).value;
};

const escalationsOf = async (org: OrgId, trigger: Escalation['trigger']): Promise<Escalation[]> =>
  (await listEscalations(org, { pageSize: 50 })).escalations.filter((each) => each.trigger === trigger);

interface Told {
  readonly kind: string;
  readonly to: string;
  readonly body: { readonly summary?: string; readonly metrics?: Record<string, unknown> };
}

const messagesAbout = async ({ org, id }: Escalation): Promise<Told[]> => {
  const found = await firestore().collection(`orgs/${org}/messages`).where('subject', '==', `escalations/${id}`).get();
  return found.docs.map((each) => each.data() as Told);
};
const reportsTo = async (org: OrgId) =>
  (await firestore().collection(`orgs/${org}/messages`).where('kind', '==', 'report').where('task', '==', null).get())
    .docs;

/** A record of that cause that nobody can read: whatever is raised for it fails. */
const spoil = (org: OrgId, trigger: Escalation['trigger'], subject: string) => {
  const cause = causeOf({ org, trigger, subject });
  return firestore()
    .doc(`orgs/${org}/escalations/${escalationIdFor(cause, 1)}`)
    .create({ cause, generation: 1 });
};

describe('what an org has spent in a month', () => {
  test('is told once, however often it is seen with other figures, and never keeps the rest from being seen', async () => {
    const { org, team } = await teamWith({ budget: { monthlyNanoUsd: '1' }, reports: { everyMinutes: 1 } });
    await Promise.all([completed(team), underWay(team)]);
    await watchAllOrgs(later(0));
    const [first] = await escalationsOf(org, 'cost-overrun');
    expect(first).toMatchObject({ severity: 'critical', occurrences: 1, state: 'open' });
    expect(await escalationsOf(org, 'data-loss-risk')).toMatchObject([{ subject: 'backup', occurrences: 1 }]);
    await completed(team);
    await watchAllOrgs(later(5));
    expect(await escalationsOf(org, 'cost-overrun')).toEqual([first]);
    expect(await escalationsOf(org, 'data-loss-risk')).toMatchObject([{ occurrences: 1 }]);
    expect(await reportsTo(org)).toHaveLength(2);
    await climbLadders(later(6));
    expect(first && (await messagesAbout(first))).toMatchObject([
      { kind: 'escalation', to: 'main-coordinator', body: { metrics: { trigger: 'cost-overrun' } } },
    ]);
  });

  test('cannot hide what else is wrong, nor the report, when it cannot be told', async () => {
    const { org, team } = await teamWith({ budget: { monthlyNanoUsd: '1' }, reports: { everyMinutes: 1 } });
    await Promise.all([completed(team), underWay(team)]);
    await spoil(org, 'cost-overrun', `month ${new Date().toISOString().slice(0, 7)}`);
    await watchAllOrgs(later(0));
    expect(await latestOfCause(org, causeOf({ org, trigger: 'data-loss-risk', subject: 'backup' }))).toBeDefined();
    expect(await reportsTo(org)).toHaveLength(1);
  });
});

describe('an alarm that cannot be raised', () => {
  test('does not keep the sweeper from its task', async () => {
    const { org, team } = await teamWith({ budget: { taskNanoUsd: '1' } });
    const { id } = await underWay(team);
    await spoil(org, 'cost-overrun', `task ${id}`);
    await expect(team.advance(id)).resolves.toBeUndefined();
  });
});
