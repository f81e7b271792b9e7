import { expect, test } from '@jest/globals';
import { nanoUsd, requestedNanoUsd, requestedTime } from './schemas.ts';

test.each(['0', '500000000', '999999999999999', '1000000000000000'])('%s nano-USD may be asked for', (amount) => {
  expect(requestedNanoUsd.safeParse(amount).success).toBe(true);
});

test.each(['', '-1', '1.5', '1000000000000001', '9007199254740992', '999999999999999999'])(
  'an amount of "%s" is refused, and the largest is named',
  (amount) => {
    const { error } = requestedNanoUsd.safeParse(amount);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must be a whole number of nano-USD, at most 1000000000000000 (a million US dollars)',
    ]);
  },
);

test.each<[bigint | number | string, bigint]>([
  [7, 7n],
  [9_007_199_254_740_993n, 9_007_199_254_740_993n],
  ['9223372036854775807', 9_223_372_036_854_775_807n],
])('a stored amount of %s is read exactly', (stored, expected) => {
  expect(nanoUsd.parse(stored)).toBe(expected);
});

test.each(['1970-01-01T00:00:00Z', '2026-11-22T12:00:00.123456789+05:30', '8999-12-31T23:59:59-23:59'])(
  '%s may be asked for, and a year around it fits into the database',
  (time) => {
    expect(requestedTime.safeParse(time).success).toBe(true);
    const year = 366 * 24 * 60 * 60 * 1_000;
    expect(Date.parse(time) - year).toBeGreaterThan(Date.parse('0001-01-01T00:00:00Z'));
    expect(Date.parse(time) + year).toBeLessThan(Date.parse('9999-12-31T23:59:59Z'));
  },
);

test.each([
  ['1969-12-31T23:59:59Z', 'must be in the years from 1970 to 8999'],
  ['9000-01-01T00:00:00Z', 'must be in the years from 1970 to 8999'],
  ['9999-12-31T23:59:59Z', 'must be in the years from 1970 to 8999'],
  ['0000-01-01T00:00:00Z', 'must be in the years from 1970 to 8999'],
  ['2026-11-22', 'must be a date and a time with an offset, such as 2026-11-22T12:00:00Z'],
  ['2026-11-22T12:00:00', 'must be a date and a time with an offset, such as 2026-11-22T12:00:00Z'],
])('the time %s is refused: %s', (time, message) => {
  expect(requestedTime.safeParse(time).error?.issues.map((issue) => issue.message)).toContain(message);
});
