// The short form of the sweep, for every change: a few points of a few scenarios, always the same. The long form is
// `npm run crash-sweep`.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scenarios } from './scenarios/index.ts';
import { startStage, type Stage } from './stage.ts';
import { sweepOn } from './sweep.ts';
import { markdownOf, totalsOf } from './table.ts';

const timeoutMs = 240_000;
const chosen = ['review-with-rework', 'approval', 'cancel-mid-run'];

let stage: Stage;
beforeAll(async () => {
  stage = await startStage(() => undefined);
}, timeoutMs);
afterAll(() => stage.stop());

test.each(scenarios.filter(({ name }) => chosen.includes(name)))(
  'processes that die during $name leave no promise broken',
  async (scenario) => {
    const sweep = await sweepOn(stage, scenario, {
      sample: 2,
      pairs: 0,
      countingRuns: 3,
      seed: 4,
      log: () => undefined,
    });
    const { faults, kills } = totalsOf(sweep);
    if (faults > 0) console.error(markdownOf([sweep]));
    expect(faults).toBe(0);
    expect(kills).toBeGreaterThan(0);
  },
  timeoutMs,
);
