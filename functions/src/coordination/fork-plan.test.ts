import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignmentsAt, forkedPlan } from './fork-plan.ts';
import { maxRounds } from './growth.ts';
import { event, type Assignment, type Event } from './schemas.ts';
import { at, someAssignment, someResult } from './test-records.ts';

type Fate = 'open' | 'done' | 'passed' | 'objected' | 'followed';

/** What became of a node, and of what it builds on: nodes before it only. */
const nodes = fc.array(
  fc.record({
    fate: fc.constantFrom<Fate>('open', 'done', 'passed', 'objected', 'followed'),
    dependsOn: fc.array(fc.nat({ max: 14 }), { maxLength: 3 }),
  }),
  { maxLength: 15 },
);
type Node = { fate: Fate; dependsOn: number[] };

const verdicts = { passed: 'pass', objected: 'changes-needed', followed: 'changes-needed' } as const;

/** The records of that plan; a review that is followed has a next round. */
const recordsOf = (plan: readonly Node[]): Assignment[] => {
  const own = plan.map(({ fate, dependsOn }, index) =>
    someAssignment({
      id: `n${index}`,
      ordinal: index,
      artifactKind: fate in verdicts ? 'code-review' : 'typescript',
      startedAt: at,
      dependsOn: [...new Set(dependsOn.filter((to) => to < index).map((to) => `n${to}`))],
      state: fate === 'open' ? 'canceled' : 'succeeded',
      result:
        fate === 'open'
          ? null
          : someResult({ verdict: fate in verdicts ? verdicts[fate as keyof typeof verdicts] : null }),
    }),
  );
  const rounds = plan.flatMap(({ fate }, index) =>
    fate === 'followed'
      ? [
          someAssignment({
            ...{ id: `again-${index}`, ordinal: plan.length + index, supersedes: `n${index}` },
            ...{ artifactKind: 'code-review', state: 'blocked' },
          }),
        ]
      : [],
  );
  return [...own, ...rounds];
};

describe('what a fork takes over', () => {
  test('rests on nothing but what it takes over, too (K1)', () => {
    fc.assert(
      fc.property(nodes.map(recordsOf), (records) => {
        const taken = forkedPlan(records, undefined).achieved;
        for (const { id, dependsOn, state } of records.filter((each) => taken.has(each.id))) {
          expect([id, state]).toEqual([id, 'succeeded']);
          expect(dependsOn.filter((before) => !taken.has(before))).toEqual([]);
        }
      }),
    );
  });

  test('is all that may be taken over: whatever is left out is undone, rests on that, or must be judged again', () => {
    fc.assert(
      fc.property(nodes, (plan) => {
        const records = recordsOf(plan);
        const taken = forkedPlan(records, undefined).achieved;
        for (const { id, ordinal, dependsOn, state } of records.filter((each) => !taken.has(each.id))) {
          const isHollow = dependsOn.some((before) => !taken.has(before));
          expect([id, state !== 'succeeded' || isHollow || plan[ordinal]?.fate === 'objected']).toEqual([id, true]);
        }
      }),
    );
  });

  test('is followed by the reworks that an objection asked for, or has the review done again when there are none (K2)', () => {
    fc.assert(
      fc.property(nodes, (plan) => {
        const { achieved, added } = forkedPlan(recordsOf(plan), undefined);
        const isReplaced = (id: string) => added.some(({ supersedes }) => supersedes === id);
        plan.forEach(({ fate }, index) => {
          if (fate === 'objected') expect([index, achieved.has(`n${index}`)]).toEqual([index, isReplaced(`n${index}`)]);
        });
      }),
    );
  });

  test('is followed by reworks also when the rounds of the task before were used up (K2)', () => {
    const contract = someAssignment({ id: 'contract', artifactKind: 'openapi', state: 'succeeded', startedAt: at });
    const rounds = Array.from({ length: maxRounds + 1 }, (_, round) =>
      someAssignment({
        id: round === 0 ? 'review' : `review-round-${round + 1}`,
        ...{ round, artifactKind: 'security-review', state: 'succeeded', startedAt: at, dependsOn: ['contract'] },
        supersedes: [null, 'review', 'review-round-2'][round] ?? null,
        result: someResult({ verdict: 'changes-needed' }),
      }),
    );
    const handoff = someAssignment({ id: 'handoff', state: 'canceled', dependsOn: ['contract', 'review-round-3'] });
    const fork = forkedPlan([contract, ...rounds, handoff], undefined);
    expect([...fork.achieved]).toEqual(['contract', 'review', 'review-round-2', 'review-round-3']);
    expect(fork.added).toMatchObject([
      { id: 'review-rework-3', dependsOn: ['contract', 'review-round-3'], supersedes: 'contract' },
      { id: 'review-round-4', dependsOn: ['review-rework-3', 'review-round-3'] },
    ]);
    expect(fork.records.at(-1)?.dependsOn).toEqual(['review-rework-3', 'review-round-4']);
    expect(fork.last).toBeUndefined();
  });
});

describe('the records at an event', () => {
  const told = (lane: number, seq: number, type: string, data: object): Event =>
    event.parse({
      org: 'acme',
      task: someAssignment().task,
      stream: `s${lane}`,
      lane,
      seq,
      at,
      recordedAt: at,
      type,
      data,
    });
  const created = (lane: number, id: string) =>
    told(lane, 1, 'assignment.created', { ...someAssignment({ id, ordinal: lane - 1 }) });

  test('are those that the events fold to, by ordinal; the task’s own events are none of them', () => {
    const failed = told(2, 2, 'assignment.failed', { failure: { code: 'c', detail: 'd' }, calls: [] });
    const events = [told(0, 1, 'task.working', {}), created(2, 'b'), failed, created(1, 'a')];
    expect(assignmentsAt(events).map(({ id, state, seq }) => [id, state, seq])).toEqual([
      ['a', 'ready', 1],
      ['b', 'failed', 2],
    ]);
  });
});
