import { expect, test } from '@jest/globals';
import { restartPauseMs } from './slot.ts';

test.each([
  [0, 0],
  [1, 0],
  [2, 100],
  [3, 200],
  [7, 3_200],
  [8, 5_000],
  [2_000, 5_000],
])('after %i young deaths in a row an instance is started again after %i ms', (deaths, pauseMs) => {
  expect(restartPauseMs(deaths)).toBe(pauseMs);
});
