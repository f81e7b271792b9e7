import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectedWidth, firstThatFit, rankOf, widthOf, type Load } from './admission.ts';
import { plannedAssignment, priorities } from './schemas.ts';
import { at } from './test-records.ts';

interface Node {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Graphs whose arrows all point back: acyclic by construction. */
const acyclic = fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 3 }), { maxLength: 12 }).map((rows) =>
  rows.map((row, index) => ({
    id: `n${index}`,
    dependsOn: [...new Set(row.filter((to) => to < index).map((to) => `n${to}`))],
  })),
);

/** Every path that ends in the node, by walking them all. */
const longestPathTo = (node: Node, plan: readonly Node[]): number =>
  Math.max(0, ...plan.filter(({ id }) => node.dependsOn.includes(id)).map((before) => longestPathTo(before, plan) + 1));

describe('the width of a plan', () => {
  test('is the largest number of assignments at equal distance from its start', () => {
    fc.assert(
      fc.property(acyclic, (plan) => {
        const distances = plan.map((node) => longestPathTo(node, plan));
        const largest = Math.max(1, ...distances.map((each) => distances.filter((other) => other === each).length));
        expect(widthOf(plan)).toBe(largest);
      }),
    );
  });

  test('does not depend on the order in which the plan is written', () => {
    fc.assert(
      fc.property(acyclic, (plan) => {
        expect(widthOf(plan.toReversed())).toBe(widthOf(plan));
      }),
    );
  });

  test('that is not known yet is that of a template', () => {
    expect(expectedWidth({})).toBe(4);
    const wide = ['a', 'b', 'c', 'd', 'e'].map((id) =>
      plannedAssignment.parse({ id, specialist: 'nodejs-expert', title: id, artifactKind: 'markdown' }),
    );
    expect(expectedWidth({ plan: wide })).toBe(5);
  });
});

describe('the rank of a task', () => {
  test('follows its priority, and without one that of the default (F1)', () => {
    expect(priorities.map((each) => rankOf(each))).toEqual([0, 1, 2, 3]);
    expect(rankOf(undefined)).toBe(rankOf('medium'));
  });
});

const waiting = fc
  .record({ width: fc.integer({ min: 1, max: 300 }), rank: fc.integer({ min: 0, max: 3 }) })
  .map(({ width, rank }) => ({ value: { width, queue: { rank, tag: at } } }));
type Waiting = typeof waiting extends fc.Arbitrary<infer Each> ? Each : never;
const limits = fc.integer({ min: 1, max: 400 });
const loads = fc
  .array(fc.integer({ min: 1, max: 100 }), { maxLength: 6 })
  .map((widths) => ({ tasks: widths.length, width: widths.reduce((sum, width) => sum + width, 0) }));

const withAll = (load: Load, started: readonly Waiting[]): Load =>
  started.reduce(({ tasks, width }, { value }) => ({ tasks: tasks + 1, width: width + value.width }), load);

const fits = (each: Waiting, load: Load, limit: number): boolean => firstThatFit([each], load, limit).length === 1;

describe('what of a queue may start', () => {
  test('keeps an org within its limit, and half as much again for the critical, but for a single task (F3)', () => {
    fc.assert(
      fc.property(fc.array(waiting), limits, (queue, limit) => {
        const started = firstThatFit(queue, { tasks: 0, width: 0 }, limit);
        for (const [index, { value }] of started.entries()) {
          const { tasks, width } = withAll({ tasks: 0, width: 0 }, started.slice(0, index + 1));
          if (tasks > 1) expect(width).toBeLessThanOrEqual(value.queue.rank === 0 ? limit * 1.5 : limit);
        }
        expect(started.length > 0).toBe(queue.length > 0);
      }),
    );
  });

  test('is all that comes before the first for which there is no room: nobody is passed over (F1, F2)', () => {
    fc.assert(
      fc.property(fc.array(waiting), loads, limits, (queue, active, limit) => {
        const started = firstThatFit(queue, active, limit);
        expect(started).toEqual(queue.slice(0, started.length));
        const next = queue[started.length];
        if (next) expect(fits(next, withAll(active, started), limit)).toBe(false);
      }),
    );
  });

  test('is whatever there is room for, and a critical one whenever any other would be', () => {
    fc.assert(
      fc.property(waiting, loads, limits, (each, active, limit) => {
        if (active.width + each.value.width <= limit) expect(fits(each, active, limit)).toBe(true);
        const critical = { value: { ...each.value, queue: { rank: 0, tag: at } } };
        if (fits(each, active, limit)) expect(fits(critical, active, limit)).toBe(true);
      }),
    );
  });
});
