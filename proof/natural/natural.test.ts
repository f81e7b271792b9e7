// The pure parts of a run: which tasks it hands in, what it reads off their events, and its verdict.
import { describe, expect, test } from '@jest/globals';

import { accountOf, type Account } from './account.ts';
import { hasPassed, markdown } from './report.ts';
import { ordersOf } from './task-plan.ts';
import { categories } from './words.ts';

describe('the tasks of a run', () => {
  const tasks = ordersOf(1, 200).flat();

  test('are as many as were asked for, numbered in order, and follow from the seed', () => {
    expect(tasks.map(({ index }) => index)).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(ordersOf(1, 200).flat()).toEqual(tasks);
    expect(ordersOf(2, 200).flat()).not.toEqual(tasks);
  });

  test('are of every category, with and without its name', () => {
    const named = new Set(tasks.flatMap(({ submission }) => submission.category ?? []));
    expect([...named].toSorted()).toEqual([...categories].toSorted());
    expect(tasks.some(({ submission }) => submission.category === undefined)).toBe(true);
  });

  test('come in pairs on one service, one after the other, for some', () => {
    const pairs = ordersOf(1, 200).filter((order) => order.length === 2);
    expect(pairs.length).toBeGreaterThan(10);
    for (const [first, second] of pairs) {
      expect(first.submission.service).toBeDefined();
      expect(second.submission.service).toBe(first.submission.service);
    }
  });
});

const task = { index: 3, submission: { title: 'Add an endpoint for searching invoices' } };
const event = (type: string, seconds: number, data: object = {}, stream = 'task') => ({
  type,
  stream,
  at: new Date(seconds * 1_000).toISOString(),
  data,
});
const heardOf = (...events: readonly object[]) => ({ task, id: 'tsk_1', events, approvals: [] });

describe('the account of a task', () => {
  test('counts reworks, rounds, questions, repairs, calls and the time to its end', () => {
    const account = accountOf({
      ...heardOf(
        event('task.submitted', 10),
        event('assignment.created', 11, { round: 0, supersedes: null }, 'code'),
        event('assignment.input_requested', 12, {}, 'code'),
        event('assignment.artifact_rejected', 13, {}, 'code'),
        event('assignment.created', 14, { round: 0, supersedes: 'code' }, 'review-rework-1'),
        event('assignment.created', 14, { round: 1, supersedes: 'review' }, 'review-round-2'),
        event('task.completed', 15, { spend: { llmCalls: 7, tokens: 900 } }),
      ),
      approvals: ['decisions'],
    });
    expect(account).toEqual({
      index: 3,
      id: 'tsk_1',
      title: task.submission.title,
      state: 'completed',
      cause: undefined,
      rounds: 1,
      reworks: 1,
      approvals: ['decisions'],
      questions: 1,
      repairs: 1,
      calls: 7,
      tokens: 900,
      seconds: 5,
    });
  });

  test('of a task that failed says of what: the failure, the assignments and the gates', () => {
    const failure = { code: 'coordination.gate_failed', detail: 'Performance' };
    const { state, cause } = accountOf(
      heardOf(
        event('assignment.failed', 1, { failure: { code: 'llm.refused', detail: 'No.' } }, 'rules'),
        event('task.gates_evaluated', 2, {
          gates: [
            { gate: 'performance', status: 'failed' },
            { gate: 'tests', status: 'passed' },
          ],
        }),
        event('task.failed', 3, { failure }),
      ),
    );
    expect(state).toBe('failed');
    expect(cause).toBe(
      'coordination.gate_failed: Performance Assignment rules: llm.refused: No. Gate performance failed.',
    );
  });

  test('of a task that is not over says what it waited for last', () => {
    const { state, cause } = accountOf(
      heardOf(event('task.waiting', 1, { wait: { kind: 'provider', reason: 'No model answers.' } })),
    );
    expect(state).toBe('not over');
    expect(cause).toContain('It last waited for provider: No model answers.');
  });
});

const accounts = (completed: number, failed: number, approvals: readonly string[] = []): Account[] =>
  Array.from({ length: completed + failed }, (_, index) => ({
    ...accountOf(heardOf(event('task.submitted', 0), event('task.completed', index))),
    ...(index >= completed && { state: 'failed' as const, cause: 'a cause' }),
    index,
    ...(index === 0 && { approvals }),
  }));

describe('the verdict', () => {
  test('passes at 95 of 100 completed tasks, and not below', () => {
    expect(hasPassed({ accounts: accounts(95, 5) })).toBe(true);
    expect(hasPassed({ accounts: accounts(94, 6) })).toBe(false);
    expect(hasPassed({ accounts: [] })).toBe(false);
  });

  test('allows one approval request a task, and not two', () => {
    expect(hasPassed({ accounts: accounts(5, 0, ['decisions']) })).toBe(true);
    expect(hasPassed({ accounts: accounts(5, 0, ['decisions', 'publication']) })).toBe(false);
  });

  test('comes with a table, the cause of each failure and each task that asked too often', () => {
    const text = markdown({ seed: 4, seconds: 61, accounts: accounts(3, 1, ['decisions', 'publication']) });
    expect(text).toContain('# Natural: FAILED');
    expect(text).toContain('4 tasks, seed 4, 61 s; 75 % completed.');
    expect(text).toContain('| approval requests | 2 | 0 | 2 | 2 |');
    expect(text).toContain('- failed: 3 tsk_1 "Add an endpoint for searching invoices": a cause');
    expect(text).toContain('more than one approval request: 0 tsk_1');
  });
});
