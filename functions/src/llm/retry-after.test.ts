import { expect, test } from '@jest/globals';
import { durationMs, retryAfterMs } from './retry-after.ts';

const date = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '0.25' }, 250],
  [{ 'retry-after': '0.0015' }, 2],
  [{ 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date }, 90_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date }, 0],
  [{ 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT' }, undefined],
  [{ 'retry-after': 'soon', date }, undefined],
  [{ 'retry-after': '-5', date }, undefined],
  [{ date }, undefined],
])('%j means a wait of %s ms', (headers, expected) => {
  expect(retryAfterMs(new Headers(headers))).toBe(expected);
});

test.each<[string, number | undefined]>([
  ['34s', 34_000],
  ['0.0015s', 2],
  [`${'9'.repeat(400)}s`, 31_536_000_000],
  ['34', undefined],
  ['s', undefined],
])('the duration %s is %s ms', (duration, expected) => {
  expect(durationMs(duration)).toBe(expected);
});
