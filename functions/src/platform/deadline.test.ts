import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DeadlinePassed, within } from './deadline.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('an answer and a failure go through, and leave no timer behind', async () => {
  await expect(within(1_000, () => Promise.resolve(1))).resolves.toBe(1);
  await expect(within(1_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(jest.getTimerCount()).toBe(0);
});

test('what gives nothing until the deadline ends then, and not before', async () => {
  const ended = jest.fn();
  const never = within(1_000, () => new Promise(() => {})).catch(ended);
  await jest.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(1);
  await never;
  expect(ended).toHaveBeenCalledWith(expect.any(DeadlinePassed));
});
