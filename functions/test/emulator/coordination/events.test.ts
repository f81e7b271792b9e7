// Following a task's events as they happen, and how that ends.
import { describe, expect, test } from '@jest/globals';
import { taskChange } from '../../../src/coordination/changes.ts';
import { followEvents } from '../../../src/coordination/index.ts';
import { endedStates, submission, taskId, type TaskEventBody, type TaskId } from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { eventsOf, findTask, postponeWake, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const org = randomOrg();

const submitted = async (): Promise<TaskId> => {
  const submittedBy = { channel: 'pubsub' as const, messageId: '1' };
  const parsed = submission.parse({ title: 'Followed' });
  return taskId.parse((await submitTask({ org, submission: parsed, submittedBy, now: new Date() })).task.id);
};

/** Follows from now on; `begun` resolves when the listener has delivered what there is. */
const follow = (id: TaskId) => {
  const types: string[] = [];
  const { promise: begun, resolve } = Promise.withResolvers<undefined>();
  const onEvents = (events: readonly { event: { type: string } }[]) => {
    types.push(...events.map(({ event }) => event.type));
    resolve(undefined);
    return Promise.resolve();
  };
  const ended = followEvents(org, id, { signal: new AbortController().signal, onEvents });
  return { types, begun, ended };
};

const stored = async (id: TaskId) => {
  const task = await findTask(org, id);
  if (!task) throw new Error('The task is gone.');
  return task;
};

const spend = { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n, worstCaseNanoUsd: 0n };
const failure = { code: 'coordination.plan_rejected', detail: 'No.' };
const by = 'someone';
const endings: Record<(typeof endedStates)[number], readonly TaskEventBody[]> = {
  completed: [
    {
      type: 'task.planned',
      data: { origin: 'template', proposalRejected: null, assignments: [], width: 1, calls: [] },
    },
    { type: 'task.working', data: {} },
    { type: 'task.validating', data: {} },
    { type: 'task.reporting', data: {} },
    { type: 'task.completed', data: { spend } },
  ],
  failed: [{ type: 'task.failed', data: { failure, spend } }],
  canceled: [{ type: 'task.canceled', data: { by, spend } }],
  rejected: [{ type: 'task.rejected', data: { by, failure, spend } }],
};

describe('a live stream of events', () => {
  test.each(endedStates)('ends when the task is %s, with that as its last event', async (state) => {
    const id = await submitted();
    const { types, begun, ended } = follow(id);
    await begun;
    await saveTask({ org, id, task: taskChange(await stored(id), endings[state], new Date()) });
    await postponeWake(org, await stored(id), null);
    await ended;
    expect(types).toEqual(['task.submitted', ...endings[state].map(({ type }) => type)]);
  });

  test('fails for its reader alone when an event cannot be read', async () => {
    const id = await submitted();
    const { begun, ended } = follow(id);
    await begun;
    const outcome = expect(ended).rejects.toMatchObject({ row: { code: 'store.corrupt' } });
    await eventsOf(org, id).doc('task.000002').create({ type: 'task.unheard_of', recordedAt: new Date() });
    await outcome;
  });
});
