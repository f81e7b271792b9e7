import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pageOfMessages } from '../../../src/communication/messages.firestore.ts';
import { follow } from '../../../src/coordination/follow.ts';
import { cancelTask, getReport, listAssignments, readEvents } from '../../../src/coordination/index.ts';
import { maxAssignments, type TaskId } from '../../../src/coordination/schemas.ts';
import { beforeDatabaseCloses, justBefore, observe, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const node = (id: string, rest: object = {}) => ({
  id,
  specialist: 'nodejs-expert',
  title: `Do ${id}`,
  artifactKind: 'markdown',
  ...rest,
});
const delegating = (to: string) => ({ instructions: `[[stand-in: delegate to=${to}]]` });
const submitted = (plan: object[], rest: object = {}) =>
  team.submit({ title: 'One that delegates', category: 'performance', plan, ...rest });
const byId = async (id: TaskId) => new Map((await listAssignments(org, id)).map((each) => [each.id, each]));
const partsOf = (all: ReadonlyMap<string, { id: string }>, parent: string) =>
  [...all.keys()].filter((id) => id !== parent && id.startsWith(`${parent}-part-`));

describe('a specialist that asks for the work of others', () => {
  test('gets it, and goes on with what they made; what follows waits for it', async () => {
    const mentioned = team.mentions('markdown" by="ml-engineer"');
    const { id } = await submitted([node('whole', delegating('ml-engineer')), node('next', { dependsOn: ['whole'] })]);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await byId(id);
    const parts = partsOf(all, 'whole');
    expect(parts).toHaveLength(2);
    expect(all.get('whole')).toMatchObject({ state: 'succeeded', epoch: 3, asked: 2, dependsOn: parts });
    expect(parts.map((part) => all.get(part))).toMatchObject(
      parts.map(() => ({ specialist: 'ml-engineer', depth: 1, successors: ['whole'], state: 'succeeded' })),
    );
    // The second part builds on the first one, as the whole builds on both.
    expect(mentioned()).toBe(3);
    const finished = [...parts, 'whole', 'next'].map((each) => all.get(each)?.finishedAt?.getTime() ?? 0);
    expect(finished).toEqual(finished.toSorted((a, b) => a - b));
    expect((await team.stored(id)).value.plan?.assignments).toEqual(['whole', 'next', ...parts]);
    expect((await getReport(org, id)).summary).toContain('4 of 4');
  });

  test('is not sent before what it asks for at the moment when somebody found it free (C5)', async () => {
    const [first, second] = ['whole-part-1', 'whole-part-2'] as const;
    const sent: string[] = [];
    const times = (assignment: string) => sent.filter((each) => each === assignment).length;
    const arrival = (assignment: string, nth: number) =>
      until(async () => Promise.resolve(times(assignment) >= nth || undefined));
    let mayCome = (assignment: string) => assignment === first || (assignment === 'whole' && times('whole') === 1);
    team.deliveries = (assignment) => {
      sent.push(assignment);
      return mayCome(assignment) ? 1 : 0;
    };
    const { id } = await submitted([node('whole', delegating('ml-engineer'))]);
    await arrival('whole', 2);
    const part = await team.reached(id, first, 'succeeded');
    const published: string[] = [];
    justBefore('firestore.read', 2, async () => {
      mayCome = (assignment) => assignment === 'whole';
      await team.advance(id);
      await arrival(second, 1);
      observe({
        before: (kind) => {
          if (kind === 'pubsub.publish') published.push(kind);
        },
        after: () => undefined,
      });
    });
    await follow(part);
    observe(undefined);
    expect(times(second)).toBe(1);
    expect(published).toEqual([]);
    team.deliveries = () => 1;
    await team.advance(id);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
  });

  test('that the org does not have is told so, and does without', async () => {
    const mentioned = team.mentions('there is no agent "astrologer"');
    const { id } = await submitted([node('whole', delegating('astrologer'))]);
    expect((await team.over(id)).state).toBe('completed');
    const all = await byId(id);
    expect([...all.keys()]).toEqual(['whole']);
    expect(all.get('whole')?.remarks).toMatchObject([
      { kind: 'objection', by: 'backend-coordinator' },
      { kind: 'objection', by: 'backend-coordinator' },
    ]);
    expect(mentioned()).toBe(2);
  });

  test('is asked no further than two levels down, and asks twice at most (M1)', async () => {
    const { id } = await submitted([node('whole')], { description: delegating('nodejs-expert').instructions });
    expect((await team.over(id)).state).toBe('completed');
    const all = [...(await byId(id)).values()];
    expect(all.map(({ depth }) => depth).sort()).toEqual([0, 1, 1, 2, 2, 2, 2]);
    expect(all.every(({ asked, depth }) => asked === (depth < 2 ? 2 : 0))).toBe(true);
  });

  test('cannot make the plan larger than a plan may be (M2)', async () => {
    const idle = Array.from({ length: maxAssignments - 2 }, (_, index) => node(`n${index}`, { dependsOn: ['never'] }));
    team.deliveries = (assignment) => (assignment === 'never' ? 0 : 1);
    const { id } = await submitted([node('whole', delegating('nodejs-expert')), node('never'), ...idle]);
    const whole = await team.reached(id, 'whole', 'succeeded');
    expect(whole.remarks).toMatchObject([{ text: expect.stringContaining('200') }, { kind: 'objection' }]);
    expect((await team.stored(id)).value.plan?.assignments).toHaveLength(maxAssignments);
    // It takes nearly all that the org may have at work.
    await cancelTask(org, id, { by: 'ann' });
  });

  test('whose id is as long as ids may be, as another one’s that begins alike, gets parts of its own', async () => {
    const long = (last: string) => `${'x'.repeat(63)}${last}`;
    const { id } = await submitted(['a', 'b'].map((last) => node(long(last), delegating('nodejs-expert'))));
    expect((await team.over(id)).state).toBe('completed');
    expect((await byId(id)).size).toBe(6);
  });
});

describe('a part', () => {
  test('has an id of its own whatever the caller calls things', async () => {
    const { id } = await submitted([node('whole', delegating('ml-engineer')), node('whole-part-2')]);
    expect((await team.over(id)).state).toBe('completed');
    expect([...(await byId(id)).keys()]).toEqual(['whole', 'whole-part-2', 'whole-part-3', 'whole-part-4']);
    expect(team.failures).toEqual([]);
  });
});

describe('a review that asks for changes', () => {
  const changesNeeded = { instructions: '[[stand-in: changes-needed]]' };
  const code = node('code', { artifactKind: 'typescript' });
  const security = node('security', {
    specialist: 'security-engineer',
    artifactKind: 'security-review',
    dependsOn: ['code'],
  });
  const performance = node('performance', {
    specialist: 'cloud-architect',
    artifactKind: 'performance-review',
    dependsOn: ['code', 'security'],
    ...changesNeeded,
  });

  test('has those that passed before look at the rework, and it is theirs that counts', async () => {
    const { id } = await submitted([code, security, performance]);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await byId(id);
    expect([...all.keys()]).toEqual([
      ...['code', 'security', 'performance'],
      ...['performance-rework-1', 'security-round-2', 'performance-round-2'],
    ]);
    expect(all.get('security-round-2')).toMatchObject({
      dependsOn: ['performance-rework-1', 'security'],
      successors: ['performance-round-2'],
      supersedes: 'security',
    });
    expect(all.get('performance-round-2')).toMatchObject({
      dependsOn: ['performance-rework-1', 'security-round-2', 'performance'],
      last: true,
    });
    const { gates } = await getReport(org, id);
    const evidence = (gate: string) => gates.find((each) => each.gate === gate)?.evidence.map(({ ref }) => ref);
    expect(evidence('security')).toEqual(['security-round-2']);
    expect(evidence('performance')).toEqual(['performance-round-2']);
  });

  test('grows the plan by ids of their own whatever the caller calls things, and asks no model twice', async () => {
    const before = team.providers.requests().length;
    const names = ['performance-rework-1', 'security-round-2', 'performance-round-2'];
    const { id } = await submitted([code, security, performance, ...names.map((name) => node(name))]);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await byId(id);
    expect([...all.keys()].slice(6)).toEqual(['performance-rework-2', 'security-round-3', 'performance-round-3']);
    expect([...all.values()].map(({ epoch }) => epoch)).toEqual([...all].map(() => 1));
    expect(team.providers.requests().length - before).toBe(all.size);
    expect(team.failures).toEqual([]);
  });

  test('cannot make the plan larger than a plan may be: the work is found wanting (P2)', async () => {
    const idle = Array.from({ length: maxAssignments - 4 }, (_, index) => node(`n${index}`, { dependsOn: ['never'] }));
    team.deliveries = (assignment) => (assignment === 'never' ? 0 : 1);
    const { id } = await submitted([code, security, performance, node('never'), ...idle]);
    expect(await team.reached(id, 'performance', 'succeeded')).toMatchObject({ successors: [] });
    expect((await team.stored(id)).value.plan?.assignments).toHaveLength(maxAssignments);
    await cancelTask(org, id, { by: 'ann' });
  });

  test('has a contract replaced: gates, figures and others hear of the new one only', async () => {
    const contract = node('contract', { specialist: 'api-designer', artifactKind: 'openapi' });
    const review = node('review', { artifactKind: 'code-review', dependsOn: ['contract'], ...changesNeeded });
    const { id } = await submitted([contract, review]);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const report = await getReport(org, id);
    const documentation = report.gates.find(({ gate }) => gate === 'documentation');
    expect(documentation?.evidence.map(({ ref }) => ref)).toEqual(['review-rework-1']);
    const rework = (await byId(id)).get('review-rework-1');
    expect(report.metrics.api_endpoints).toBe(rework?.result?.metrics['endpoints']);
    const { records: messages } = await pageOfMessages(org, { task: id }, { pageSize: 100 });
    const updates = messages.filter(({ subject }) => subject?.includes('/artifacts/'));
    expect(new Set(updates.map(({ subject }) => subject))).toEqual(new Set([`tasks/${id}/artifacts/review-rework-1`]));
  });
});

describe('a review with a long id that asks for changes', () => {
  test('is followed by a rework and another review', async () => {
    const review = 'r'.repeat(64);
    const { id } = await submitted([
      node('rules', { artifactKind: 'security-rules', specialist: 'firebase-specialist' }),
      node(review, {
        artifactKind: 'security-review',
        specialist: 'security-engineer',
        dependsOn: ['rules'],
        instructions: '[[stand-in: changes-needed]]',
      }),
    ]);
    expect((await team.over(id)).state).toBe('completed');
    expect((await byId(id)).size).toBe(4);
  });
});

describe('the events of a plan that grows', () => {
  test('say why it grew', async () => {
    const { id } = await submitted([node('whole', delegating('ml-engineer'))]);
    await team.over(id);
    const { events } = await readEvents(org, id, { pageSize: 500 });
    const grown = events.map(({ event }) => event).filter(({ type }) => type === 'task.plan_extended');
    expect(grown.map(({ data }) => data['reason'])).toEqual([
      'Do whole: asked for the work of others',
      'Do whole: asked for the work of others',
    ]);
  });
});

describe('two reviews side by side that both ask for changes', () => {
  test('have both of their artifacts reworked, and the task completes', async () => {
    const objecting = (id: string, dependsOn: string[]) =>
      node(id, {
        ...{ specialist: 'security-engineer', artifactKind: 'security-review', dependsOn },
        instructions: '[[stand-in: changes-needed]]',
      });
    const { id } = await submitted([
      node('code', { artifactKind: 'typescript' }),
      node('rules', { artifactKind: 'security-rules', specialist: 'firebase-specialist' }),
      objecting('of-code', ['code']),
      objecting('of-rules', ['rules']),
      node('end', { dependsOn: ['code', 'rules', 'of-code', 'of-rules'] }),
    ]);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await byId(id);
    expect(all.get('of-code-rework-1')).toMatchObject({ supersedes: 'code', state: 'succeeded' });
    expect(all.get('of-rules-rework-1')).toMatchObject({ supersedes: 'rules', state: 'succeeded' });
    expect(new Set(all.get('end')?.dependsOn)).toEqual(
      new Set(['of-code-rework-1', 'of-rules-rework-1', 'of-code-round-2', 'of-rules-round-2']),
    );
    expect(team.failures).toEqual([]);
  });
});
