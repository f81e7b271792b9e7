// The short form of the soak, for every change: a fixed seed, a dozen kills. The long form is `npm run soak`.
import { expect, test } from '@jest/globals';
import { markdown } from './markdown.ts';
import { findingKinds, hasPassed, missedFaults } from './report.ts';
import { runSoak } from './soak.ts';

const kills = 12;

test('tasks under kills, stops, wrong clocks, lost replies, disturbed deliveries and failing providers end as planned, each effect once', async () => {
  const report = await runSoak({
    tasks: 60,
    seed: 11,
    kills,
    stops: 4,
    instances: 4,
    inFlight: 16,
    minutes: 4,
    drainMs: 60_000,
    leaseMs: 2_500,
  });
  if (!hasPassed(report)) console.error(markdown(report));
  expect(findingKinds.flatMap((kind) => report.findings[kind])).toEqual([]);
  expect(missedFaults(report)).toEqual([]);
  expect(report.tasks).toBe(60);
  expect(report.faults['process-killed']).toBe(kills);
  expect(report.killsInterruptingWork).toBeGreaterThan(0);
}, 400_000);
