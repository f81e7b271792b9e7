import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evolveAssignment, hasOpenCall, isAssignmentOver, isOverdue, mustEndBy } from './assignment-state.ts';
import {
  assignmentEventBody,
  assignmentStates,
  type Assignment,
  type AssignmentEventBody,
  type Fault,
} from './schemas.ts';
import { lives, reachable } from './test-walk.ts';

const at = new Date('2026-11-22T12:00:00Z');
const owner = { instance: 'i1', run: 'r1', message: 'm1' };
const failure = { code: 'coordination.assignment_failed', detail: 'it failed' };

const assignmentEvent = (type: AssignmentEventBody['type'], dependsOn = ['b']): AssignmentEventBody =>
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
      dependsOn,
      successors: [],
      last: true,
      round: 0,
      priority: 'low',
      brief: { title: 't', description: '', category: 'performance', service: 'backend', budgetNanoUsd: null },
      deadlineAt: at,
      epoch: 1,
      owner,
      lostCall: false,
      leaseUntil: at,
      agentVersion: 1,
      finishedAt: at,
      answeredBy: { provider: 'anthropic', model: 'a-model' },
      depth: 0,
      from: 'tsk_00000000000000000000',
      retryAt: at,
      question: { text: 'Which?', deadlineAt: at },
      remark: { kind: 'answer', about: 'Which?', text: 'This.', by: 'someone', at },
      approval: 'apr_1',
      repair: 1,
      findings: [],
      failure,
      calls: [],
      result: { artifact: 'a', title: 't', summary: 's', metrics: {}, verdict: null, concerns: [] },
      notes: {},
    },
  });

const types = assignmentEventBody.options.map((option) => option.shape.type.value);
const first = assignmentEvent('assignment.created');
const all = types.map((type) => assignmentEvent(type));
/** `started` claims for a run of ours; ` lost` says what the author saw, which must be what the record says. */
const told = (record: Assignment, line: string, index: number): AssignmentEventBody => {
  const [name = '', said] = line.split(' ');
  const lostCall = said === 'lost';
  if (name !== 'spend_recorded') expect(hasOpenCall(record)).toBe(lostCall);
  return assignmentEventBody.parse({
    type: `assignment.${name}`,
    data: { epoch: Number(said) || index + 1, owner, leaseUntil: null, agentVersion: 1, lostCall, calls: [] },
  });
};
const assignmentLives = lives<Assignment, AssignmentEventBody>(evolveAssignment, first, all, at);

describe('the life of an assignment', () => {
  test('counts its events without a gap and never leaves a terminal state (S2, S3)', () => {
    fc.assert(
      fc.property(assignmentLives, (life) => {
        life.forEach((assignment, index) => {
          expect(assignment.seq).toBe(index + 1);
          const next = life[index + 1];
          if (next && isAssignmentOver(assignment)) expect(next.state).toBe(assignment.state);
        });
      }),
    );
  });

  test('has a result only when it succeeded or its result waits for approval (S6, C2)', () => {
    fc.assert(
      fc.property(assignmentLives, (life) => {
        for (const { result, state } of life) {
          if (state === 'succeeded' || state === 'awaiting_approval') expect(result).not.toBeNull();
          else if (!['failed', 'canceled'].includes(state)) expect(result).toBeNull();
        }
      }),
    );
  });

  test('has an owner only while it runs (S7)', () => {
    fc.assert(
      fc.property(assignmentLives, (life) => {
        for (const { owner: holder, state } of life) if (holder !== null) expect(state).toBe('running');
      }),
    );
  });

  test('keeps every call that was made for it', () => {
    fc.assert(
      fc.property(assignmentLives, (life) => {
        for (const [index, { calls }] of life.entries()) {
          expect(calls.length).toBeGreaterThanOrEqual(life[index - 1]?.calls.length ?? 0);
        }
      }),
    );
  });

  test.each([
    ['nothing, when it is cancelled before its claim', ['canceled'], 0],
    ['one that is cut off by a cancel', ['started', 'canceled lost'], 1],
    ['none, once the run that was cut off says what it spent', ['started', 'canceled lost', 'spend_recorded 1'], 0],
    ['none, when the run says so before the cancel', ['started', 'spend_recorded 1', 'canceled'], 0],
    ['one whose holder was silent', ['started', 'started lost'], 1],
    ['none, once the silent holder says what it spent', ['started', 'started lost', 'spend_recorded 1'], 0],
  ])('counts as lost %s (C3)', (_name, story, lostCalls) => {
    const after = story.reduce(
      (record, line, index) => evolveAssignment(record, told(record, line, index), at),
      evolveAssignment(undefined, first, at),
    );
    expect(after.lostCalls).toBe(lostCalls);
  });

  test('can reach every state', () => {
    expect(reachable<Assignment, AssignmentEventBody>(evolveAssignment, first, all, at)).toEqual(
      [...assignmentStates].sort(),
    );
  });
});

describe('the tries in a row that came to nothing', () => {
  const running = evolveAssignment(evolveAssignment(undefined, first, at), assignmentEvent('assignment.started'), at);
  const given = (fault: Fault) =>
    assignmentEventBody.parse({ type: 'assignment.released', data: { failure, fault, retryAt: at, calls: [] } });
  const oneMore = (record: Assignment, what: Fault | 'answer'): Assignment =>
    what === 'answer'
      ? evolveAssignment(record, assignmentEvent('assignment.artifact_rejected'), at)
      : evolveAssignment(evolveAssignment(record, given(what), at), assignmentEvent('assignment.started'), at);

  test('are counted by their fault and in all, from the last answer of a model on', () => {
    const anything = fc.array(fc.constantFrom<Fault | 'answer'>('busy', 'bug', 'answer'), { maxLength: 20 });
    fc.assert(
      fc.property(anything, (story) => {
        const { failedTries, lastFault } = story.reduce(oneMore, running);
        const since = story.slice(story.lastIndexOf('answer') + 1);
        const last = since.at(-1);
        const times = since.length - 1 - since.findLastIndex((each) => each !== last);
        expect(failedTries).toBe(since.length);
        expect(lastFault).toEqual(last === undefined ? null : { fault: last, times });
      }),
    );
  });
});

describe('the time by which the work must be done', () => {
  const deadlineAt = new Date(at.getTime() + 60_000);

  test.each([
    ['the deadline', { startedAt: at }, 60_000],
    ['the deadline, as long as it was not started', { startedAt: null, timeoutSeconds: 5 }, 60_000],
    ['its own limit, counted from its first start', { startedAt: at, timeoutSeconds: 5 }, 5_000],
    ['the deadline, when that comes before its own limit', { startedAt: at, timeoutSeconds: 90 }, 60_000],
  ])('is %s', (_, rest, afterMs) => {
    expect(mustEndBy({ deadlineAt, ...rest }).getTime() - at.getTime()).toBe(afterMs);
  });
});

describe('work is overdue', () => {
  const limited = { deadlineAt: new Date(at.getTime() + 60_000), startedAt: at, timeoutSeconds: 5 };
  const unheld = { owner: null, leaseUntil: null };
  const ours = { state: 'running' as const, owner, leaseUntil: null };
  const theirs = { state: 'running' as const, owner, leaseUntil: at };

  test.each([
    ['as soon as its time is up, in the hands of an external agent', theirs, 5_000, true],
    ['no sooner', theirs, 4_999, false],
    ['not while a run of ours is about to end itself', ours, 34_999, false],
    ['when a run of ours hangs', ours, 35_000, true],
    ['while it waits for its next try', { state: 'ready' as const, ...unheld }, 5_000, true],
    ['while it waits for an answer', { state: 'input_required' as const, ...unheld }, 5_000, true],
    ['while it waits for parts', { state: 'blocked' as const, ...unheld }, 5_000, true],
    [
      'not when it has delivered and waits for its approval',
      { state: 'awaiting_approval' as const, ...unheld },
      5_000,
      false,
    ],
    ['not while it is held by a pause', { state: 'paused' as const, ...unheld }, 5_000, false],
    ['not when it is over', { state: 'succeeded' as const, ...unheld }, 5_000, false],
  ])('%s', (_, holding, afterMs, expected) => {
    expect(isOverdue({ ...limited, ...holding }, new Date(at.getTime() + afterMs))).toBe(expected);
  });
});
