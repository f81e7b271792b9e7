import { describe, expect, test } from '@jest/globals';
import { faultKinds } from './fault-plan.ts';
import { markdown } from './markdown.ts';
import { added, hasPassed, missedFaults, reportOf, spreadOf, type Found } from './report.ts';

const everyFault = Object.fromEntries(faultKinds.map((kind) => [kind, 1]));

const found: Found = {
  options: {
    tasks: 2,
    seed: 7,
    kills: 1,
    stops: 1,
    instances: 2,
    inFlight: 2,
    minutes: 1,
    drainMs: 1,
    leaseMs: 1,
  },
  startedAt: new Date('2026-01-01T00:00:00Z'),
  seconds: 10,
  outcomes: [
    {
      index: 0,
      org: 'soak-a',
      shape: 'chain',
      endings: ['completed'],
      id: 'a',
      ended: { state: 'completed', failure: undefined },
    },
    {
      index: 1,
      org: 'soak-b',
      shape: 'doomed',
      endings: ['failed'],
      id: 'b',
      ended: { state: 'failed', failure: 'x: y' },
    },
  ],
  struck: { kills: 1, stops: [], restartMs: [900] },
  counts: everyFault,
  recoveries: [
    { taskMs: 100, claimMs: 3_000 },
    { taskMs: 200, claimMs: undefined },
  ],
  interruptedKills: 1,
  providerRequests: 5,
  unknownClaims: 1,
  violations: [],
  deadLetters: [],
  unexpectedDeaths: [],
  givenUp: [],
  errors: {},
  memoryMb: { soak: 1, firestore: 2, pubsub: null, largestInstance: 3 },
};

const [first, second] = found.outcomes as [Found['outcomes'][number], Found['outcomes'][number]];

describe('a soak passes', () => {
  test('when every task ended as planned, nothing is broken and every fault was reached', () => {
    expect(hasPassed(reportOf(found))).toBe(true);
    expect(markdown(reportOf(found))).toMatch(/^# Soak: passed/);
  });

  test.each<[string, Partial<Found>]>([
    ['a task is not over', { outcomes: [{ ...first, ended: undefined }] }],
    ['a task ended otherwise than planned', { outcomes: [{ ...second, endings: ['completed'] }] }],
    ['a result is doubled', { violations: [{ invariant: 'C2', org: 'o', task: 't', detail: 'twice' }] }],
    ['an effect is not on record', { violations: [{ invariant: 'C3', org: '*', detail: 'one too many' }] }],
    ['any other invariant is broken', { violations: [{ invariant: 'C4', org: 'o', detail: 'a gap' }] }],
    ['a message was kept as unusable', { deadLetters: ['a letter'] }],
    ['the host gave an event up', { givenUp: ['runHigh: HTTP 500'] }],
    ['a process died that nobody killed', { unexpectedDeaths: [{ pid: 1, how: 'exit code 1' }] }],
    ['a kind of fault was never reached', { counts: { ...everyFault, 'clock-skewed': 0 } }],
  ])('not when %s', (_, difference) => {
    const report = reportOf({ ...found, ...difference });
    expect(hasPassed(report)).toBe(false);
    expect(markdown(report)).toMatch(/^# Soak: FAILED/);
  });
});

describe('rounds', () => {
  test('add up, and a fault that one round missed may have been reached by another', () => {
    const missed = reportOf({ ...found, counts: { 'process-killed': 2 } });
    const total = added(missed, reportOf(found));
    expect(total).toMatchObject({ seed: 7, rounds: 2, tasks: 4, seconds: 20, ended: { completed: 2, failed: 2 } });
    expect(total.faults['process-killed']).toBe(3);
    expect(total.samples.claimRecovery).toEqual([3_000, 3_000]);
    expect(missedFaults(missed)).not.toEqual([]);
    expect(missedFaults(total)).toEqual([]);
  });

  test('keep what any of them found', () => {
    const broken = reportOf({ ...found, givenUp: ['runHigh: HTTP 500'] });
    expect(hasPassed(added(broken, reportOf(found)))).toBe(false);
    expect(hasPassed(added(reportOf(found), broken))).toBe(false);
  });
});

test('a spread names the middle, the slow end and the longest', () => {
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf(Array.from({ length: 100 }, (_, index) => index + 1))).toEqual({
    count: 100,
    p50: 51,
    p95: 96,
    longest: 100,
  });
});
