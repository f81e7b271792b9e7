import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planFaults } from '../../functions/src/coordination/plan.ts';
import { submission } from '../../functions/src/coordination/schemas.ts';
import { plannedTask } from './task-plan.ts';

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const many = (seed: number) => Array.from({ length: 300 }, (_, index) => plannedTask(seed, index));

describe('the tasks of a soak', () => {
  test('are submissions that the service accepts, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, index) => {
        const parsed = submission.parse(plannedTask(seed, index).submission);
        if (parsed.plan) expect(planFaults(parsed.plan)).toEqual([]);
      }),
    );
  });

  test('follow from seed and number alone', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, index) => expect(plannedTask(seed, index)).toEqual(plannedTask(seed, index))),
    );
    expect(plannedTask(1, 0)).not.toEqual(plannedTask(2, 0));
  });

  test('have titles and keys of their own, so that a doubled task is told from two', () => {
    const tasks = many(1);
    expect(new Set(tasks.map((task) => task.submission.title)).size).toBe(tasks.length);
    expect(new Set(tasks.map((task) => task.idempotencyKey)).size).toBe(tasks.length);
  });

  test('come in every shape, by both channels, doubled and cancelled', () => {
    const tasks = many(1);
    expect(new Set(tasks.map(({ shape }) => shape)).size).toBe(9);
    for (const channel of ['http', 'pubsub']) {
      const handedIn = tasks.map(({ copies }) => copies).filter(([first]) => first === channel);
      expect(handedIn.some((copies) => copies.length === 1)).toBe(true);
      expect(handedIn.some((copies) => copies.length === 3)).toBe(true);
      expect(handedIn.every((copies) => copies.every((each) => each === channel))).toBe(true);
    }
    const canceled = tasks.filter(({ cancelAfterMs }) => cancelAfterMs !== undefined);
    expect(canceled.length).toBeGreaterThan(0);
    expect(canceled.every(({ endings }) => endings.includes('canceled'))).toBe(true);
  });
});
