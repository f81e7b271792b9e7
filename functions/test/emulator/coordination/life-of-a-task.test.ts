import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  cancelTask,
  getArtifact,
  getReport,
  getScratchpad,
  listArtifacts,
  listAssignments,
  listTasks,
  readEvents,
} from '../../../src/coordination/index.ts';
import {
  assignment,
  assignmentEventBody,
  task as taskSchema,
  taskEventBody,
  type Assignment,
  type Event,
  type Task,
  type TaskId,
} from '../../../src/coordination/schemas.ts';
import { evolveAssignment } from '../../../src/coordination/assignment-state.ts';
import { evolveTask } from '../../../src/coordination/task-state.ts';
import { findTask, postponeWake } from '../../../src/coordination/task-store.firestore.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
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

const eventsOf = async (task: Task): Promise<Event[]> => {
  const page = await readEvents(org, task.id, { pageSize: 1_000 });
  return page.events.map(({ event }) => event);
};

const request = { title: 'Add an endpoint for extracting metadata from documents', category: 'api-design' };

const fanOut = (width: number) => [
  ...Array.from({ length: width }, (_, index) => ({
    id: `part-${index}`,
    specialist: 'nodejs-expert',
    title: `Part ${index}`,
    artifactKind: 'markdown',
  })),
  {
    id: 'join',
    specialist: 'cloud-architect',
    title: 'Join',
    artifactKind: 'deployment-plan',
    dependsOn: Array.from({ length: width }, (_, index) => `part-${index}`),
  },
];

describe('a task that goes well', () => {
  test('runs through the workflow of the specification to a report', async () => {
    const { id } = await team.submit(request);
    const task = await team.over(id);
    expect(task).toMatchObject({ state: 'completed', analysis: { primary: 'api-designer', decidedBy: 'caller' } });

    const assignments = await listAssignments(org, id);
    expect(assignments.map(({ state }) => state)).toEqual(assignments.map(() => 'succeeded'));
    expect((await listArtifacts(org, id)).map((artifact) => artifact.id).sort()).toEqual(
      assignments.map((each) => each.id).sort(),
    );

    expect(assignments.find(({ artifactKind }) => artifactKind === 'code-review')).toMatchObject({
      specialist: 'firebase-specialist',
      result: { verdict: 'pass' },
      dependsOn: expect.arrayContaining(['boundaries', 'contract']),
    });

    const report = await getReport(org, id);
    expect(report).toMatchObject({ agent: 'backend-coordinator', status: 'completed' });
    expect(report.metrics.api_endpoints).toBeGreaterThan(0);
    expect(report.metrics.avg_response_time).toBe('n/a');
    const planned = assignments.find(({ artifactKind }) => artifactKind === 'deployment-plan')?.result?.metrics;
    expect(report.metrics.cost_projection).toBe(`$${planned?.['estimatedMonthlyCostUsd']?.toFixed(2)}/month`);
    expect(report.spend.costNanoUsd).toBe(
      assignments.flatMap(({ calls }) => calls).reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0n), 0n),
    );
    expect(report.gates.filter(({ status }) => status === 'passed').map(({ gate }) => gate)).toEqual([
      'security',
      'documentation',
      'performance',
      'error-handling',
      'monitoring',
      'code-review',
    ]);

    const pad = await getScratchpad(org, id);
    expect(pad.markdown).toContain('# Backend Development - Add an endpoint');
    expect(pad.sections.progressTracking.filter(({ done }) => done).map(({ item }) => item)).toEqual([
      'API design approved',
      'Security review complete',
      'Implementation done',
      'Performance validated',
    ]);
    expect(team.failures).toEqual([]);
  });

  test('leaves streams without gaps whose folds are the stored records (C4)', async () => {
    const { id } = await team.submit({ title: 'Fan out', category: 'performance', plan: fanOut(5) });
    const task = await team.over(id);
    const byStream = Map.groupBy(await eventsOf(task), ({ stream }) => stream);
    for (const events of byStream.values()) {
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    }
    const own = byStream.get('task') ?? [];
    const folded = own.reduce<Task | undefined>(
      (state, each) => evolveTask(state, taskEventBody.parse(each), each.at),
      undefined,
    );
    expect(folded).toEqual(taskSchema.parse(task));
    for (const stored of await listAssignments(org, id)) {
      const events = byStream.get(stored.id) ?? [];
      const record = events.reduce<Assignment | undefined>(
        (state, each) => evolveAssignment(state, assignmentEventBody.parse(each), each.at),
        undefined,
      );
      expect(record).toEqual(assignment.parse(stored));
    }
  });

  test('gives a successor what its predecessors made', async () => {
    team.deliveries = (assignment) => (assignment === 'join' ? 0 : 1);
    const { id } = await team.submit({ title: 'One after the other', category: 'performance', plan: fanOut(1) });
    await team.reached(id, 'part-0', 'succeeded');
    const { content } = await getArtifact(org, id, 'part-0');
    const mentioned = team.mentions(content);
    team.deliveries = () => 1;
    await team.advance(id);
    await team.over(id);
    expect(mentioned()).toBe(1);
  });
});

describe('delivery', () => {
  test('of every directive three times commits one result each and asks each model once (C2, C9)', async () => {
    team.deliveries = () => 3;
    const before = team.providers.requests().length;
    const { id } = await team.submit({ title: 'Tripled', category: 'performance', plan: fanOut(5) });
    await team.over(id);
    const assignments = await listAssignments(org, id);
    expect(assignments.map(({ epoch }) => epoch)).toEqual(assignments.map(() => 1));
    expect(team.providers.requests().length - before).toBe(assignments.length);
  });
});

describe('a task without a category', () => {
  test('is classified by a model, and the record says so', async () => {
    const { id } = await team.submit({ title: 'Users cannot sign in with their passwords, tokens are refused' });
    const task = await team.over(id);
    expect(task.analysis).toMatchObject({ decidedBy: 'llm', category: 'authentication' });
    expect(task.calls).toHaveLength(1);
  });

  test('is planned by what the model said although the sweeper looked at it meanwhile', async () => {
    team.providers.setFaults([{ contains: 'looked-at', fault: { kind: 'hold' } }]);
    const submitted = team.submit({ title: 'looked-at: users cannot sign in with their passwords' });
    const analyzing = await until(async () => (await listTasks(org, { pageSize: 1, state: 'analyzing' })).tasks[0]);
    const wakeAt = new Date(Date.now() + 600_000);
    await postponeWake(org, await team.stored(analyzing.id), wakeAt);
    team.providers.setFaults([]);
    const task = await team.over((await submitted).id);
    expect(task).toMatchObject({ state: 'completed', lostCalls: 0, epoch: 1 });
    expect(task.calls).toHaveLength(1);
  });

  test('is classified by keywords when no provider answers, and the failed calls are on record', async () => {
    team.providers.setFaults([{ contains: 'keyword-case', fault: { kind: '500' }, times: 3 }]);
    const { id } = await team.submit({ title: 'keyword-case: the latency of the search is bad' });
    const task = await team.over(id);
    expect(task.analysis).toMatchObject({ decidedBy: 'keywords', category: 'performance' });
    expect(task.calls.map(({ outcome }) => outcome)).toEqual(['error', 'error', 'error']);
  });
});

describe('a proposed plan', () => {
  test('stands when it keeps to the guard-rails', async () => {
    const { id } = await team.submit({ ...request, planning: 'proposed' });
    expect((await team.over(id)).plan).toMatchObject({ origin: 'llm', proposalRejected: null });
  });

  test('lets every supporting specialist take part', async () => {
    const { id } = await team.submit({ ...request, category: 'database-schema', planning: 'proposed' });
    expect((await team.over(id)).plan).toMatchObject({ origin: 'llm', proposalRejected: null });
    expect((await listAssignments(org, id)).map(({ specialist }) => specialist)).toContain('database-optimizer');
  });

  test('with a circle gives way to the template, with the reason on record', async () => {
    const { id } = await team.submit({ ...request, planning: 'proposed', description: '[[stand-in: cyclic-plan]]' });
    const { plan, state } = await team.over(id);
    expect(plan).toMatchObject({ origin: 'template', proposalRejected: expect.stringContaining('circle') });
    expect(state).toBe('completed');
  });

  test('that cannot pass a required gate gives way to the template, with the reason on record', async () => {
    const { id } = await team.submit({ ...request, planning: 'proposed', description: '[[stand-in: blind-review]]' });
    const { plan, state } = await team.over(id);
    expect(plan).toMatchObject({ origin: 'template', proposalRejected: expect.stringContaining('gate security') });
    expect(state).toBe('completed');
  });
});

describe('an artifact that does not hold', () => {
  test('goes back with the findings and comes back repaired', async () => {
    const { id } = await team.submit({ ...request, description: '[[stand-in: invalid-artifact]]' });
    const task = await team.over(id);
    expect(task.state).toBe('completed');
    const rejected = (await eventsOf(task)).filter(({ type }) => type === 'assignment.artifact_rejected');
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.every(({ data }) => (data['findings'] as unknown[]).length > 0)).toBe(true);
  });

  test('fails the task after two repairs, with a report, and nothing is left running', async () => {
    const { id } = await team.submit({ ...request, description: '[[stand-in: always-invalid-artifact]]' });
    const task = await team.over(id);
    expect(task).toMatchObject({ state: 'failed', failure: { code: 'coordination.artifact_invalid' } });
    const assignments = await listAssignments(org, id);
    expect(assignments.find(({ state }) => state === 'failed')?.calls).toHaveLength(3);
    expect(new Set(assignments.map(({ state }) => state))).toEqual(new Set(['failed', 'canceled']));
    expect((await getReport(org, id)).status).toBe('failed');
  });

  test.each(['garbage', 'half-json'] as const)('in an answer of %s is repaired as well', async (kind) => {
    team.providers.setFaults([{ contains: `${kind}-case`, fault: { kind }, times: 1 }]);
    const { id } = await team.submit({ title: `${kind}-case`, category: 'performance', plan: fanOut(1) });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('that tries to give orders changes nothing but its own content', async () => {
    team.providers.setFaults([{ contains: 'injection-case', fault: { kind: 'injection', where: 'text' } }]);
    const { id } = await team.submit({ title: 'injection-case', category: 'performance', plan: fanOut(2) });
    const task = await team.over(id);
    expect(task.state).toBe('completed');
    expect((await listAssignments(org, id)).map((each) => each.id)).toEqual(['part-0', 'part-1', 'join']);
  });
});

describe('a review that asks for changes', () => {
  const changesNeeded = { instructions: '[[stand-in: changes-needed]]' };
  const node = (id: string, specialist: string, artifactKind: string, dependsOn: string[], rest: object = {}) => ({
    ...{ id, specialist, title: `Do ${id}`, artifactKind, dependsOn },
    ...rest,
  });
  const byId = async (id: TaskId) => new Map((await listAssignments(org, id)).map((each) => [each.id, each]));

  test('grows the plan by a rework and another review, and all that follows waits for the last one', async () => {
    const { id } = await team.submit({ ...request, description: '[[stand-in: changes-needed]]' });
    const task = await team.over(id);
    expect(task.state).toBe('completed');
    const all = await byId(id);
    expect([...all.values()].map(({ state }) => state)).toEqual([...all].map(() => 'succeeded'));
    const review = 'review-firebase-specialist';
    expect(all.get(review)).toMatchObject({ result: { verdict: 'changes-needed' } });
    expect(all.get(`${review}-rework-1`)).toMatchObject({ specialist: 'api-designer', artifactKind: 'openapi' });
    expect(all.get(`${review}-round-2`)).toMatchObject({ result: { verdict: 'pass' } });
    expect(all.get('security')?.dependsOn).toEqual(expect.arrayContaining([`${review}-rework-1`, `${review}-round-2`]));
    expect(all.get('handoff')?.dependsOn).toEqual([
      `${review}-rework-1`,
      expect.stringMatching(/^review-firebase-specialist-round-/),
      expect.stringMatching(/^security-round-/),
      expect.stringMatching(/^performance-round-/),
    ]);
    expect((await eventsOf(task)).map(({ type }) => type)).toContain('task.plan_extended');
  });

  test('has the kind reworked in which its findings are resolved', async () => {
    const { id } = await team.submit({
      ...request,
      plan: [
        node('code', 'nodejs-expert', 'typescript', []),
        node('rules', 'firebase-specialist', 'security-rules', []),
        node('security', 'security-engineer', 'security-review', ['code', 'rules'], changesNeeded),
        node('handoff', 'cloud-architect', 'deployment-plan', ['code', 'rules', 'security']),
      ],
    });
    expect((await team.over(id)).state).toBe('completed');
    const all = await byId(id);
    expect(all.get('security-rework-1')).toMatchObject({ artifactKind: 'security-rules' });
    expect(all.get('handoff')?.dependsOn).toEqual(['code', 'security-rework-1', 'security-round-2']);
  });
});

describe('cancelling', () => {
  test('aborts the running model call, closes every assignment and reports (C6)', async () => {
    team.providers.setFaults([{ contains: 'cancel-case', fault: { kind: 'hang' } }]);
    const { id } = await team.submit({ title: 'cancel-case', category: 'performance', plan: fanOut(3) });
    await until(async () =>
      team.providers.requests().filter(({ endpoint }) => endpoint).length >= 3 &&
      (await listAssignments(org, id)).filter(({ state }) => state === 'running').length === 3
        ? true
        : undefined,
    );
    await cancelTask(org, id, { by: 'someone' });
    const task = await team.over(id);
    expect(task.state).toBe('canceled');
    expect((await listAssignments(org, id)).map(({ state }) => state)).toEqual(Array(4).fill('canceled'));
    expect((await getReport(org, id)).status).toBe('canceled');
    await until(async () => {
      const assignments = await listAssignments(org, id);
      const aborted = assignments.flatMap(({ calls }) => calls).filter(({ outcome }) => outcome === 'aborted');
      return aborted.length === 3 ? true : undefined;
    });
  });

  test('of a task that is over is refused, and of a cancelled one answers again', async () => {
    const { id } = await team.submit({ title: 'Small', category: 'performance', plan: fanOut(1) });
    await team.over(id);
    await expect(cancelTask(org, id, { by: 'x' })).rejects.toMatchObject({
      row: { code: 'coordination.task_is_over' },
    });
    const other = await team.submit({ title: 'Small', category: 'performance', plan: fanOut(1) });
    await cancelTask(org, other.id, { by: 'x' });
    await expect(cancelTask(org, other.id, { by: 'x' })).resolves.toMatchObject({ state: 'canceled' });
    expect((await findTask(org, other.id))?.value.state).toBe('canceled');
  });
});
