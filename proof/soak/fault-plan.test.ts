import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deliveryOf,
  faultKinds,
  notReached,
  processFaults,
  providerFaultHits,
  providerRules,
  randomFor,
  strikesOf,
} from './fault-plan.ts';

const plan = { seed: 7, tasks: 100, kills: 20, stops: 3 };

describe('strikes', () => {
  test('follow from the seed, are as many as asked for, and come in order before the last task is over', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 10, max: 5_000 }), fc.nat(200), (seed, tasks, kills) => {
        const strikes = strikesOf({ seed, tasks, kills, stops: 2 });
        expect(strikes).toEqual(strikesOf({ seed, tasks, kills, stops: 2 }));
        expect(strikes.filter(({ kind }) => kind === 'kill')).toHaveLength(kills);
        const times = strikes.map(({ afterTasks }) => afterTasks);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.every((time) => time >= 0 && time < tasks)).toBe(true);
      }),
    );
  });

  test('of another seed are others', () => {
    expect(strikesOf(plan)).not.toEqual(strikesOf({ ...plan, seed: 8 }));
  });

  test('are spread over the whole soak', () => {
    const kills = strikesOf(plan).filter(({ kind }) => kind === 'kill');
    const inQuarter = (quarter: number) =>
      kills.filter(({ afterTasks }) => Math.floor(afterTasks / 25) === quarter).length;
    for (const quarter of [0, 1, 2, 3]) expect(inQuarter(quarter)).toBeGreaterThanOrEqual(4);
  });
});

describe('processes', () => {
  test('have skewed clocks sometimes, by minutes at most, the same for the same number of start', () => {
    const skews = Array.from({ length: 60 }, (_, start) => processFaults(7, start).skewMs);
    expect(skews).toEqual(skews.map((_, start) => processFaults(7, start).skewMs));
    expect(skews.filter((skew) => skew !== 0).length).toBeGreaterThan(10);
    expect(skews.some((skew) => skew === 0)).toBe(true);
    expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(180_000);
  });
});

describe('deliveries', () => {
  test('are delayed, repeated at once and repeated later, but most are ordinary', () => {
    const random = randomFor(7, 'deliveries');
    const all = Array.from({ length: 500 }, () => deliveryOf(random));
    const ordinary = all.filter(({ delayMs, repeat }) => delayMs === 0 && repeat === 'never');
    expect(ordinary.length).toBeGreaterThan(350);
    expect(new Set(all.map(({ repeat }) => repeat))).toEqual(new Set(['never', 'later', 'at-once']));
    expect(all.some(({ delayMs }) => delayMs > 0)).toBe(true);
  });
});

describe('the count of faults', () => {
  test('of the providers is by kind, though two rules may play one kind', () => {
    const hits = providerRules(7).map(() => 2);
    expect(providerFaultHits(hits)).toMatchObject({ 'provider-timeout': 4, 'provider-reset': 2 });
  });

  test('names every kind that was not reached, also those that nobody counted', () => {
    expect(notReached({ 'process-killed': 1, 'clock-skewed': 0 })).toEqual(
      faultKinds.filter((kind) => kind !== 'process-killed'),
    );
  });
});
