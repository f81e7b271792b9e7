import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  assignmentEventBody,
  assignmentStates,
  taskEventBody,
  taskStates,
  type Assignment,
  type AssignmentEventBody,
  type Task,
  type TaskEventBody,
} from './schemas.ts';
import { evolveAssignment, evolveTask, ImpossibleEvent, isAssignmentOver, isTaskOver, wakeTime } from './state.ts';

const at = new Date('2026-11-22T12:00:00Z');
const owner = { instance: 'i1', run: 'r1', message: 'm1' };
const spend = { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n };
const failure = { code: 'coordination.assignment_failed', detail: 'it failed' };

const taskEvent = (type: TaskEventBody['type']): TaskEventBody =>
  taskEventBody.parse({
    type,
    data: {
      id: 'tsk_00000000000000000000',
      org: 'acme',
      submission: { title: 'A task' },
      requestHash: 'h',
      submittedBy: { channel: 'pubsub', messageId: '1' },
      deadlineAt: new Date(at.getTime() + 3_600_000),
      epoch: 1,
      owner,
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
      gates: [],
      spend,
      failure,
      by: 'someone',
    },
  });

const assignmentEvent = (type: AssignmentEventBody['type']): AssignmentEventBody =>
  assignmentEventBody.parse({
    type,
    data: {
      id: 'a',
      org: 'acme',
      task: 'tsk_00000000000000000000',
      ordinal: 0,
      specialist: 'nodejs-expert',
      title: 'Implement',
      instructions: '',
      artifactKind: 'typescript',
      dependsOn: ['b'],
      successors: [],
      last: true,
      round: 0,
      priority: 'low',
      brief: { title: 't', description: '', category: 'performance' },
      deadlineAt: at,
      epoch: 1,
      owner,
      lostCall: false,
      repair: 1,
      findings: [],
      failure,
      calls: [],
      result: { artifact: 'a', title: 't', summary: 's', metrics: {}, verdict: null, concerns: [] },
      notes: {},
    },
  });

const taskEventTypes = taskEventBody.options.map((option) => option.shape.type.value);
const assignmentEventTypes = assignmentEventBody.options.map((option) => option.shape.type.value);

const attempt = <R, E>(evolve: (record: R | undefined, event: E, at: Date) => R, record: R | undefined, event: E) => {
  try {
    return evolve(record, event, at);
  } catch (error) {
    if (error instanceof ImpossibleEvent) return undefined;
    throw error;
  }
};

/** A random walk through the machine: each number picks one of the events that are possible next. */
const walk = <R, E>(
  evolve: (record: R | undefined, event: E, at: Date) => R,
  first: E,
  all: readonly E[],
  picks: readonly number[],
): R[] =>
  picks.reduce<R[]>(
    (lives, pick) => {
      const possible = all.flatMap((event) => attempt(evolve, lives.at(-1), event) ?? []);
      const next = possible[pick % Math.max(possible.length, 1)];
      return next === undefined ? lives : [...lives, next];
    },
    [evolve(undefined, first, at)],
  );

const picks = fc.array(fc.nat(), { maxLength: 40 });
const taskLives = picks.map((each) =>
  walk<Task, TaskEventBody>(evolveTask, taskEvent('task.submitted'), taskEventTypes.map(taskEvent), each),
);
const assignmentLives = picks.map((each) =>
  walk<Assignment, AssignmentEventBody>(
    evolveAssignment,
    assignmentEvent('assignment.created'),
    assignmentEventTypes.map(assignmentEvent),
    each,
  ),
);

describe('the life of a task', () => {
  test('counts its events without a gap and never leaves a terminal state (S2, S3)', () => {
    fc.assert(
      fc.property(taskLives, (lives) => {
        lives.forEach((task, index) => {
          expect(task.seq).toBe(index + 1);
          const next = lives[index + 1];
          if (isTaskOver(task)) expect(next).toBeUndefined();
        });
      }),
    );
  });

  test('always has a time at which the sweeper looks again, until it is completed (C1)', () => {
    fc.assert(
      fc.property(taskLives, (lives) => {
        for (const task of lives) expect(task.wakeAt === null).toBe(task.state === 'completed');
      }),
    );
  });

  test('can reach every state that the engine uses today', () => {
    const reached = new Set(
      fc.sample(taskLives, { numRuns: 3_000, seed: 7 }).flatMap((lives) => lives.map(({ state }) => state)),
    );
    const later = ['awaiting_approval', 'rejected'];
    expect([...reached].sort()).toEqual(taskStates.filter((state) => !later.includes(state)).sort());
  });
});

describe('the life of an assignment', () => {
  test('counts its events without a gap and never leaves a terminal state (S2, S3)', () => {
    fc.assert(
      fc.property(assignmentLives, (lives) => {
        lives.forEach((assignment, index) => {
          expect(assignment.seq).toBe(index + 1);
          const next = lives[index + 1];
          if (next && isAssignmentOver(assignment)) expect(next.state).toBe(assignment.state);
        });
      }),
    );
  });

  test('has at most one result, and an owner only while it runs (C2)', () => {
    fc.assert(
      fc.property(assignmentLives, (lives) => {
        expect(new Set(lives.flatMap(({ result }) => (result ? [result] : []))).size).toBeLessThanOrEqual(1);
        for (const { owner: holder, state } of lives) expect(holder !== null).toBe(state === 'running');
      }),
    );
  });

  test('can reach every state that the engine uses today', () => {
    const reached = new Set(
      fc.sample(assignmentLives, { numRuns: 1_000, seed: 7 }).flatMap((lives) => lives.map(({ state }) => state)),
    );
    expect([...reached].sort()).toEqual(assignmentStates.filter((state) => state !== 'awaiting_approval').sort());
  });
});

describe('the time of the next look', () => {
  test('is at most a minute ahead, never past the deadline by more than a second, and always in the future', () => {
    fc.assert(
      fc.property(fc.integer({ min: -600_000, max: 600_000 }), (toDeadline) => {
        const wait = wakeTime(at, new Date(at.getTime() + toDeadline)).getTime() - at.getTime();
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(60_000);
        expect(wait).toBeLessThanOrEqual(Math.max(toDeadline, 1_000));
      }),
    );
  });
});
