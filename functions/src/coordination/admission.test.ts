import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectedWidth, mayStart, rankOf, widthOf } from './admission.ts';
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

const waiting = fc.record({
  width: fc.integer({ min: 1, max: 300 }),
  rank: fc.integer({ min: 0, max: 3 }),
});
const limits = fc.integer({ min: 1, max: 400 });
const taskOf = ({ width, rank }: { width: number; rank: number }) => ({ width, queue: { rank, tag: at } });

describe('whether a task may start', () => {
  test('keeps an org within its limit, and half as much again for the critical, but for a single task (F3)', () => {
    fc.assert(
      fc.property(fc.array(waiting, { maxLength: 30 }), limits, (queue, limit) => {
        let load = { tasks: 0, width: 0 };
        for (const each of queue) {
          if (!mayStart(taskOf(each), load, limit)) continue;
          load = { tasks: load.tasks + 1, width: load.width + each.width };
          const share = each.rank === 0 ? limit * 1.5 : limit;
          if (load.tasks > 1) expect(load.width).toBeLessThanOrEqual(share);
        }
        expect(load.tasks > 0).toBe(queue.length > 0);
      }),
    );
  });

  test('is granted whenever there is room, and to the critical whenever to any other', () => {
    fc.assert(
      fc.property(waiting, fc.nat({ max: 400 }), limits, (each, width, limit) => {
        const load = { tasks: 1, width };
        if (width + each.width <= limit) expect(mayStart(taskOf(each), load, limit)).toBe(true);
        if (mayStart(taskOf(each), load, limit)) {
          expect(mayStart(taskOf({ ...each, rank: 0 }), load, limit)).toBe(true);
        }
      }),
    );
  });
});
