import { expect, test } from '@jest/globals';
import { eachOf } from './each-of.ts';

test('each is worked on once, so many at a time, and the results are in their order', async () => {
  let [running, most] = [0, 0];
  const results = await eachOf([3, 1, 2, 0], 2, async (ticks) => {
    most = Math.max(most, ++running);
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    running -= 1;
    return ticks * 10;
  });
  expect(results).toEqual([30, 10, 20, 0]);
  expect(most).toBe(2);
});

test('a failure is thrown', async () => {
  await expect(eachOf([1], 3, () => Promise.reject(new Error('refused by the test')))).rejects.toThrow('refused');
});
