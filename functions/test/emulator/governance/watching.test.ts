// From a cause to its escalation and to the message that tells of it: what the watcher sees of an org, look by look.
import { describe, expect, test } from '@jest/globals';
import { resumeAfter } from '../../../src/coordination/resume-approved.ts';
import { stopOnSilence } from '../../../src/coordination/stop-on-silence.ts';
import { watchAllOrgs } from '../../../src/coordination/watch-orgs.ts';
import type { Task } from '../../../src/coordination/schemas.ts';
import { climbLadders } from '../../../src/governance/escalations/climb-ladders.ts';
import { latestOfCause } from '../../../src/governance/escalations/escalations.firestore.ts';
import { causeOf, escalationIdFor } from '../../../src/governance/escalations/ids.ts';
import { resolveEscalation } from '../../../src/governance/escalations/react.ts';
import {
  approve,
  attest,
  getApproval,
  listEscalations,
  readPolicy,
  replacePolicy,
} from '../../../src/governance/index.ts';
import { approvalId, orgPolicy, type Escalation } from '../../../src/governance/schemas.ts';
import { contentOf, firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { startTeam, type Team } from '../coordination/team.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const boss = { uid: 'boss', role: 'main-coordinator' as const };
const minuteMs = 60_000;
const later = (minutes: number) => new Date(Date.now() + minutes * minuteMs);

const changePolicy = async (org: OrgId, policy: object) => {
  const { revision } = await readPolicy(org);
  await replacePolicy(org, { policy: orgPolicy.parse(policy), by: boss, seen: revision, now: new Date() });
};

/** A team in an org of its own, with that policy. */
const teamWith = async (policy: object): Promise<{ org: OrgId; team: Team }> => {
  const org = randomOrg();
  const team = await startTeam(org);
  beforeDatabaseCloses(() => team.stop());
  await changePolicy(org, policy);
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
    { ...part('decides'), instructions, specialist: 'api-designer', artifactKind: 'service-boundaries' },
    { ...part('after'), dependsOn: ['decides'] },
  ];
  const { id } = await team.submit({ title: 'Under way', category: 'performance', plan });
  await team.waiting(id, 'approval');
  return (await team.stored(id)).value;
};

const escalationsOf = async (org: OrgId, trigger: Escalation['trigger']): Promise<Escalation[]> =>
  (await listEscalations(org, { pageSize: 50 })).escalations.filter((each) => each.trigger === trigger);

const only = async (org: OrgId, trigger: Escalation['trigger']): Promise<Escalation> => {
  const [found, ...others] = await escalationsOf(org, trigger);
  expect(others).toEqual([]);
  if (!found) throw new Error(`There is no escalation of ${trigger}.`);
  return found;
};

const attested = (org: OrgId, task: Task['id'], gate: 'backup') => {
  const request = { gate, status: 'passed' as const, summary: 'Restored.', check: 'default' };
  return attest({ task, request, caller: { org, ...boss }, now: new Date() });
};

interface Told {
  readonly kind: string;
  readonly to: string;
  readonly body: { readonly summary?: string; readonly metrics?: Record<string, unknown> };
}

const messagesAbout = async ({ org, id }: Escalation): Promise<Told[]> => {
  const found = await firestore().collection(`orgs/${org}/messages`).where('subject', '==', `escalations/${id}`).get();
  return found.docs.map((each) => contentOf(each) as Told);
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
    await watchAllOrgs(later(1));
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

describe('what nobody answered', () => {
  const days = (count: number) => later(count * 24 * 60);
  /** The whole ladder, and the silence after it. */
  const unanswered = async (from: Date) => {
    for (const minute of [1, 46, 110]) await climbLadders(new Date(from.getTime() + minute * minuteMs));
  };

  test('is told anew by the next day on which it is still so, and what is open only counts it', async () => {
    const { org, team } = await teamWith({});
    await underWay(team);
    const risk = () => only(org, 'data-loss-risk');
    await watchAllOrgs(days(0));
    await watchAllOrgs(days(1));
    expect(await risk()).toMatchObject({ occurrences: 2, step: 0 });
    await unanswered(days(1));
    const lapsed = await risk();
    expect(lapsed.lapsedAt).not.toBeNull();
    const before = (await messagesAbout(lapsed)).length;
    await watchAllOrgs(days(30));
    await unanswered(days(30));
    expect(await risk()).toMatchObject({ id: lapsed.id, occurrences: 3 });
    expect(await messagesAbout(lapsed)).toHaveLength(2 * before);
  });
});

describe('an org', () => {
  test('is told that its month’s budget will not do, the peer first and then the main coordinator', async () => {
    const { org, team } = await teamWith({});
    const { costNanoUsd } = await completed(team);
    await underWay(team);
    await changePolicy(org, { budget: { monthlyNanoUsd: String(costNanoUsd) } });
    const now = new Date();
    const midMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 16));
    await watchAllOrgs(midMonth);
    const overrun = await only(org, 'cost-overrun');
    expect(overrun).toMatchObject({ severity: 'medium', ladder: [{ party: 'peer' }, {}, {}] });
    await climbLadders(new Date(midMonth.getTime() + 15 * minuteMs));
    expect((await messagesAbout(overrun)).map(({ to }) => to).sort()).toEqual([
      'devops-coordinator',
      'main-coordinator',
    ]);
  });

  test('is told when the last test of its backups is too old, not before', async () => {
    const { org, team } = await teamWith({ backupMaxAgeHours: 1 });
    const { id } = await underWay(team);
    await attested(org, id, 'backup');
    await watchAllOrgs(later(59));
    expect(await escalationsOf(org, 'data-loss-risk')).toEqual([]);
    await watchAllOrgs(later(61));
    const risk = await only(org, 'data-loss-risk');
    expect(risk).toMatchObject({ severity: 'high', subject: 'backup' });
    await climbLadders(later(62));
    expect(await messagesAbout(risk)).toMatchObject([{ kind: 'escalation', to: 'main-coordinator' }]);
  });

  test('is told when it runs as much at once as it may', async () => {
    const { org, team } = await teamWith({ limits: { concurrentAssignments: 1, weight: 2 } });
    team.providers.setFaults([{ contains: 'one-at-work', fault: { kind: 'hold' } }]);
    const plan = ['a', 'b'].map(part);
    const { id } = await team.submit({ title: 'one-at-work', category: 'performance', plan });
    await Promise.all(plan.map((each) => team.reached(id, each.id, 'running')));
    await watchAllOrgs(later(0));
    const load = await only(org, 'scalability-limit');
    expect(load).toMatchObject({ severity: 'high', subject: 'running-assignments org' });
    expect(load.evidence[0]?.detail).toContain('2 of 2 assignments');
    await climbLadders(later(16));
    expect((await messagesAbout(load)).map(({ to }) => to)).toContain('main-coordinator');
    team.providers.setFaults([]);
    await team.over(id);
  });

  test('is told when a model provider fails it, also when its work has ended since the last look', async () => {
    const { org, team } = await teamWith({});
    team.providers.setFaults([{ provider: 'anthropic', fault: { kind: '401' } }]);
    const plan = ['a', 'b', 'c', 'd', 'e', 'f'].map(part);
    const { id } = await team.submit({ title: 'Without its provider', category: 'performance', plan });
    expect((await team.over(id)).state).toBe('completed');
    await watchAllOrgs(later(1));
    const failure = await only(org, 'third-party-failure');
    expect(failure).toMatchObject({ subject: 'anthropic', state: 'open' });
    await climbLadders(later(17));
    expect((await messagesAbout(failure)).map(({ to }) => to)).toContain('main-coordinator');
    await resolveEscalation(org, failure.id, { by: boss, at: new Date(), text: 'They are back.' });
    await watchAllOrgs(later(2));
    expect(await escalationsOf(org, 'third-party-failure')).toMatchObject([{ state: 'resolved' }]);
  });

  test('is told what its new contract breaks, by the commit that makes it', async () => {
    const { org, team } = await teamWith({});
    const designed = (title: string, description = '') => {
      const plan = [{ id: 'design', specialist: 'api-designer', title: 'Design', artifactKind: 'openapi' }];
      return team.submit({ title, description, category: 'performance', service: 'storage', plan });
    };
    const { id } = await designed('Store invoices with their receipts');
    expect((await team.over(id)).state).toBe('completed');
    const after = await designed('Store parcels', '[[stand-in: replace]]');
    await team.waiting(after.id, 'approval');
    await climbLadders(later(2));
    const broken = await only(org, 'breaking-api-change');
    expect(broken).toMatchObject({ task: after.id, severity: 'high' });
    await climbLadders(later(20));
    expect((await messagesAbout(broken)).map(({ to }) => to).sort()).toEqual([
      'frontend-coordinator',
      'main-coordinator',
    ]);
  });
});

describe('a task over its budget', () => {
  const overrunOf = async (org: OrgId) => {
    await climbLadders(later(10));
    return only(org, 'cost-overrun');
  };

  test('is told of when that ends it, by its own budget', async () => {
    const { org, team } = await teamWith({});
    const plan = [part('first'), { ...part('second'), dependsOn: ['first'] }];
    const { id } = await team.submit({ title: 'Too dear', category: 'performance', budgetNanoUsd: '1', plan });
    expect((await team.over(id)).state).toBe('failed');
    expect(await overrunOf(org)).toMatchObject({ task: id, severity: 'critical' });
  });

  test('is told of when its gates end it', async () => {
    const { org, team } = await teamWith({
      requiredGates: ['tests'],
      approvals: { deadlineMinutes: 5, onSilence: 'reject' },
      budget: { taskNanoUsd: '1' },
    });
    const { id } = await team.submit({ title: 'No evidence', category: 'performance', plan: [part('build')] });
    const wait = await team.waiting(id, 'evidence');
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    expect((await team.over(id)).failure?.code).toBe('coordination.gate_failed');
    expect(await overrunOf(org)).toMatchObject({ task: id, severity: 'critical' });
  });

  test('is stopped when nobody answers on all of the ladder', async () => {
    const { org, team } = await teamWith({ budget: { taskNanoUsd: '1' } });
    const { id } = await underWay(team);
    await team.advance(id);
    for (const minute of [1, 46]) await climbLadders(later(minute));
    const told = await only(org, 'cost-overrun');
    expect((await messagesAbout(told)).map(({ body }) => body.metrics?.['party']).sort()).toEqual([
      'human',
      'main-coordinator',
    ]);
    await stopOnSilence(told);
    expect((await team.stored(id)).value.state).toBe('awaiting_approval');
    await climbLadders(later(107));
    await stopOnSilence(await only(org, 'cost-overrun'));
    expect((await team.over(id)).state).toBe('canceled');
  });
});

describe('silence on what has been settled', () => {
  const requiredGates = ['tests'];
  const lapsed = async (org: OrgId, trigger: Escalation['trigger']) => {
    for (const minute of [1, 46, 107]) await climbLadders(later(minute));
    const silent = await only(org, trigger);
    expect(silent).toMatchObject({ state: 'open', lapsedAt: expect.any(Date), defaultOnSilence: 'stop' });
    await stopOnSilence(silent);
  };

  test('does not stop the task: a later round of the review passes', async () => {
    const { org, team } = await teamWith({ requiredGates });
    const plan = [
      { ...part('rules'), specialist: 'firebase-specialist', artifactKind: 'security-rules' },
      {
        ...{
          ...part('review'),
          specialist: 'security-engineer',
          artifactKind: 'security-review',
          dependsOn: ['rules'],
        },
        instructions: '[[stand-in: changes-needed]]',
      },
    ];
    const { id } = await team.submit({ title: 'Reviewed twice', category: 'performance', plan });
    await team.waiting(id, 'evidence');
    await lapsed(org, 'security-vulnerability');
    expect((await team.stored(id)).value.state).toBe('validating');
  });

  test('does not stop the task: the loss of data was approved', async () => {
    const { org, team } = await teamWith({ requiredGates: [] });
    const plan = [{ ...part('model'), specialist: 'firebase-specialist', artifactKind: 'firestore-schema' }];
    const work = { category: 'database-schema', service: 'shop', plan };
    const first = await team.submit({ ...work, title: 'Store invoices' });
    expect((await team.over(first.id)).state).toBe('completed');
    await changePolicy(org, { requiredGates });
    const { id } = await team.submit({ ...work, title: 'Store parcels', description: '[[stand-in: replace]]' });
    const approval = approvalId.parse((await team.waiting(id, 'approval')).id);
    await approve(org, approval, { by: boss, now: new Date() });
    await resumeAfter(await getApproval(org, approval), new Date());
    await team.waiting(id, 'evidence');
    await lapsed(org, 'data-loss-risk');
    expect((await team.stored(id)).value.state).toBe('validating');
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
