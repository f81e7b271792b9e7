import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { taskEventBody, taskStates, type Task, type TaskEventBody } from './schemas.ts';
import { evolveTask, isTaskOver, wakeTime } from './task-state.ts';
import { lives, reachable } from './test-walk.ts';

const at = new Date('2026-11-22T12:00:00Z');
const owner = { instance: 'i1', run: 'r1', message: 'm1' };
const spend = { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n, worstCaseNanoUsd: 0n };
const failure = { code: 'coordination.assignment_failed', detail: 'it failed' };

const taskEvent = (type: TaskEventBody['type'], id = 'tsk_00000000000000000000', kind = 'approval'): TaskEventBody =>
  taskEventBody.parse({
    type,
    data: {
      org: 'acme',
      submission: { title: 'A task' },
      requestHash: 'h',
      submittedBy: { channel: 'pubsub', messageId: '1' },
      deadlineAt: new Date(at.getTime() + 3_600_000),
      epoch: 1,
      owner,
      lostCall: false,
      analysis: {
        category: 'performance',
        primary: 'cloud-architect',
        support: [],
        priority: 'low',
        decidedBy: 'caller',
        reason: 'r',
      },
      calls: [],
      origin: 'template',
      proposalRejected: null,
      assignments: ['a'],
      reason: 'r',
      because: [],
      gates: [],
      spend,
      failure,
      by: 'someone',
      forkedFrom: null,
      queue: { rank: 2, tag: at },
      width: 1,
      wait: { id, kind, assignment: 'a', party: 'operator', reason: 'r', deadlineAt: at, onSilence: 'reject' },
      id,
      outcome: 'approved',
    },
  });

const types = taskEventBody.options.map((option) => option.shape.type.value);
const waits = ['approval', 'input', 'evidence'].flatMap((kind) => [
  taskEvent('task.waiting', `for-${kind}`, kind),
  taskEvent('task.wait_over', `for-${kind}`, kind),
]);
const first = taskEvent('task.submitted');
const all = [...types.filter((type) => !type.startsWith('task.wait')).map((type) => taskEvent(type)), ...waits];
const taskLives = lives<Task, TaskEventBody>(evolveTask, first, all, at);

describe('the life of a task', () => {
  test('counts its events without a gap and never leaves a terminal state (S2, S3)', () => {
    fc.assert(
      fc.property(taskLives, (life) => {
        life.forEach((task, index) => {
          expect(task.seq).toBe(index + 1);
          const next = life[index + 1];
          if (next && isTaskOver(task)) expect(next.state).toBe(task.state);
        });
      }),
    );
  });

  test('always has a time at which the sweeper looks again, until it is completed (C1)', () => {
    fc.assert(
      fc.property(taskLives, (life) => {
        for (const task of life) expect(task.wakeAt === null).toBe(task.state === 'completed');
      }),
    );
  });

  test('shows the latest thing that it waits for, and waits for nothing once it is over (S5)', () => {
    const shown = { approval: 'awaiting_approval', input: 'input_required', evidence: 'validating' };
    fc.assert(
      fc.property(taskLives, (life) => {
        for (const task of life) {
          const latest = task.waits.findLast(({ kind }) => kind in shown);
          if (isTaskOver(task)) expect(task.waits).toEqual([]);
          else if (latest && !['paused', 'reporting', 'validating'].includes(task.state)) {
            expect(task.state).toBe(shown[latest.kind as keyof typeof shown]);
          }
        }
      }),
    );
  });

  test('takes a share of the capacity from its analysis to its end, except while it waits for evidence (S6)', () => {
    const idle = ['submitted', 'completed', 'failed', 'canceled', 'rejected'];
    fc.assert(
      fc.property(taskLives, (life) => {
        for (const { active, state, waits } of life) {
          expect(active).toBe(!idle.includes(state) && !waits.some(({ kind }) => kind === 'evidence'));
        }
      }),
    );
  });

  test('that ends under analysis has lost a call, until the analysis says what it spent (C3)', () => {
    const lost = (...types: TaskEventBody['type'][]) =>
      [first, ...types.map((type) => taskEvent(type))].reduce<Task | undefined>(
        (task, event) => evolveTask(task, event, at),
        undefined,
      )?.lostCalls;
    expect(lost('task.analyzing', 'task.canceled')).toBe(1);
    expect(lost('task.analyzing', 'task.canceled', 'task.spend_recorded')).toBe(0);
    expect(lost('task.analyzing', 'task.spend_recorded', 'task.canceled')).toBe(0);
    expect(lost('task.analyzing', 'task.planned', 'task.canceled')).toBe(0);
    expect(lost('task.canceled')).toBe(0);
  });

  test('can reach every state', () => {
    expect(reachable<Task, TaskEventBody>(evolveTask, first, all, at)).toEqual([...taskStates].sort());
  });
});

describe('the time of the next look', () => {
  const asked = (toDeadline: number, startAt?: Date) => {
    const submission = { title: 'A task', ...(startAt && { startAt: startAt.toISOString() }) };
    const task = {
      ...evolveTask(undefined, taskEvent('task.submitted'), at),
      deadlineAt: new Date(at.getTime() + toDeadline),
    };
    return wakeTime({ ...task, submission: { ...task.submission, ...submission } }, at).getTime() - at.getTime();
  };

  test('is soon enough for the next sweep, never past the deadline by more than a second, and always in the future', () => {
    fc.assert(
      fc.property(fc.integer({ min: -600_000, max: 600_000 }), (toDeadline) => {
        const wait = asked(toDeadline);
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(10_000);
        expect(wait).toBeLessThanOrEqual(Math.max(toDeadline, 1_000));
      }),
    );
  });

  test('of a task for later is its start', () => {
    expect(asked(7_200_000, new Date(at.getTime() + 3_600_000))).toBe(3_600_000);
  });
});
