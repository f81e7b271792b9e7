import { expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

const date = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '0.25' }, 250],
  [{ 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date }, 90_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date }, 0],
  [{ 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT' }, undefined],
  [{ 'retry-after': 'soon', date }, undefined],
  [{ 'retry-after': '-5', date }, undefined],
  [{ 'retry-after': '9'.repeat(400) }, 31_536_000_000],
  [{ 'retry-after': 'Sun, 22 Nov 9999 10:00:00 GMT', date }, 31_536_000_000],
  [{ date }, undefined],
])('%j means a wait of %s ms', (headers, expected) => {
  expect(retryAfterMs(headers)).toBe(expected);
});
