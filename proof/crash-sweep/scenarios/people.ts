// Work in which people have a say: they cancel, hold, answer, decide, try again.
import { until, type Stage, type StagedTask } from '../stage.ts';
import { category, markdown, type Scenario, setPolicy } from './scenario.ts';

interface Event {
  readonly cursor: string;
  readonly stream: string;
  readonly type: string;
}

const say = (stage: Stage, { org, id }: StagedTask, verb: string, body?: object) =>
  stage.ask({ as: { org, role: 'main-coordinator' }, call: `POST /v1/tasks/${id}/${verb}`, ...(body && { body }) });

/** Decides the task's next request for approval, unless the task ends without one. */
const decide = async (
  stage: Stage,
  task: StagedTask,
  verb: 'approve' | 'reject',
  body: object,
): Promise<StagedTask> => {
  const { org, id } = task;
  const requests = stage.database.collection(`orgs/${org}/approvals`).where('task', '==', id);
  const pending = requests.where('state', '==', 'pending').limit(1);
  const approval = await until(async () => {
    const [found] = (await pending.get()).docs;
    return found?.id ?? ((await stage.stateOf(task)).over ? 'none' : undefined);
  });
  if (approval !== 'none') {
    await stage.ask({ as: { org, role: 'main-coordinator' }, call: `POST /v1/approvals/${approval}/${verb}`, body });
  }
  return task;
};

const decision = '[[stand-in: decide=third-party-integration]]';
const decided = {
  category,
  plan: [
    { ...markdown('first', [], decision), specialist: 'api-designer', artifactKind: 'service-boundaries' },
    markdown('second', ['first']),
  ],
};

export const withPeople: readonly Scenario[] = [
  {
    name: 'cancel-mid-run',
    submission: {
      category,
      plan: [markdown('first'), markdown('hangs', ['first'], '[[stand-in: hang]]'), markdown('never', ['hangs'])],
    },
    ends: ['canceled'],
    meanwhile: async (stage, task) => {
      await stage.reached(task, 'hangs', 'running');
      await say(stage, task, 'cancel');
      return task;
    },
  },
  {
    name: 'cancel-mid-analysis',
    submission: { plan: [markdown('only')] },
    marker: '[[stand-in: latency=1000]]',
    ends: ['canceled'],
    meanwhile: async (stage, task) => {
      await until(async () => ((await stage.stateOf(task)).state === 'submitted' ? undefined : true));
      await say(stage, task, 'cancel');
      return task;
    },
  },
  {
    name: 'pause-and-resume',
    submission: {
      category,
      plan: [markdown('first', [], '[[stand-in: latency=500]]'), markdown('second', ['first'])],
    },
    ends: ['completed'],
    meanwhile: async (stage, task) => {
      await stage.reached(task, 'first', 'running');
      await say(stage, task, 'pause');
      await stage.reached(task, 'first', 'succeeded');
      await say(stage, task, 'resume');
      return task;
    },
  },
  {
    name: 'question',
    submission: {
      category,
      plan: [markdown('asks', [], '[[stand-in: ask]]'), markdown('after', ['asks'])],
    },
    ends: ['completed'],
    meanwhile: async (stage, task) => {
      await stage.reached(task, 'asks', 'input_required');
      await say(stage, task, 'input', { assignment: 'asks', answer: 'Region europe-west1.' });
      return task;
    },
  },
  {
    name: 'approval',
    submission: decided,
    ends: ['completed'],
    meanwhile: (stage, task) => decide(stage, task, 'approve', { comment: 'Go ahead.' }),
  },
  {
    name: 'objection',
    submission: decided,
    ends: ['completed'],
    meanwhile: async (stage, task) => {
      await decide(stage, task, 'reject', { comment: 'Keep the old one for a quarter.', rework: true });
      return decide(stage, task, 'approve', {});
    },
  },
  {
    name: 'rejection',
    submission: decided,
    ends: ['rejected'],
    meanwhile: (stage, task) => decide(stage, task, 'reject', { comment: 'Never.' }),
  },
  {
    // The provider declines once: the task fails unless a process dies of that very answer, and is then tried again.
    name: 'retry-of-a-failed-task',
    submission: {
      category,
      plan: [
        markdown('first'),
        markdown('second', ['first'], '[[stand-in: content-filter times=1]]'),
        markdown('third', ['second']),
      ],
    },
    ends: ['completed'],
    meanwhile: async (stage, task) => {
      await until(async () => ((await stage.stateOf(task)).over ? true : undefined));
      const { org, id } = task;
      const retried = await stage.ask({
        as: { org, role: 'main-coordinator' },
        call: `POST /v1/tasks/${id}/retry`,
        headers: { 'idempotency-key': `${org}-retry` },
      });
      return retried === undefined ? task : { org, id: (retried as { id: string }).id };
    },
  },
  {
    name: 'fork-from-an-event',
    submission: { category, plan: [markdown('first'), markdown('second', ['first'])] },
    ends: ['completed'],
    meanwhile: async (stage, task) => {
      await until(async () => ((await stage.stateOf(task)).over ? true : undefined));
      const { org, id } = task;
      const as = { org, role: 'operator' as const };
      const page = (await stage.ask({ as, call: `GET /v1/tasks/${id}/events?pageSize=100` })) as { events: Event[] };
      const half = page.events.find(({ stream, type }) => stream === 'first' && type === 'assignment.succeeded');
      const forked = await stage.ask({
        as,
        call: `POST /v1/tasks/${id}/fork`,
        headers: { 'idempotency-key': `${org}-fork` },
        body: { fromEvent: half?.cursor },
      });
      return { org, id: (forked as { id: string }).id };
    },
  },
  {
    name: 'waived-gate',
    submission: { category, plan: [markdown('only')] },
    ends: ['completed'],
    before: (stage, org) => setPolicy(stage, org, { requiredGates: ['tests'] }),
    meanwhile: async (stage, task) => {
      const { org, id } = task;
      await until(async () => ((await stage.stateOf(task)).state === 'validating' ? true : undefined));
      await stage.ask({
        as: { org, role: 'operator' },
        call: `POST /v1/tasks/${id}/gates/tests/waive`,
        headers: { 'idempotency-key': `${org}-waive` },
        body: { reason: 'There is nothing to test.' },
      });
      return decide(stage, task, 'approve', {});
    },
  },
  {
    // Every record of the stand-in's data models says who made it, and no rules come with this one.
    name: 'held-publication',
    submission: {
      category,
      plan: [{ id: 'model', specialist: 'firebase-specialist', title: 'Model', artifactKind: 'firestore-schema' }],
    },
    ends: ['completed'],
    before: (stage, org) => {
      const dataClasses = [{ name: 'authors', fields: ['createdBy'], requires: ['security-rules'] }];
      return setPolicy(stage, org, { requiredGates: [], dataClasses });
    },
    meanwhile: (stage, task) => decide(stage, task, 'approve', {}),
  },
];
