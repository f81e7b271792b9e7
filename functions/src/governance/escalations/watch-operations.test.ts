import { beforeEach, expect, jest, test } from '@jest/globals';
import { orgId } from '../../platform/schemas.ts';
import type { EscalationDraft } from './schemas.ts';
import { operationsWatch } from './watch-operations.ts';

const org = orgId.parse('acme');
const now = new Date('2026-12-01T12:00:00Z');

const raised: EscalationDraft[] = [];
let isOut = true;
const raise = jest.fn((alarm: EscalationDraft) => {
  if (isOut) return Promise.reject(new Error('the database is out'));
  raised.push(alarm);
  return Promise.resolve();
});
beforeEach(() => {
  raised.splice(0);
  raise.mockClear();
  isOut = true;
});

const answers = async (note: ReturnType<typeof operationsWatch>, count: number, failed: boolean) => {
  for (let index = 0; index < count; index++) await note({ org, operation: 'getTask', failed }, now);
};

test('an outage that cannot be put on record is told of with the first answer after it', async () => {
  const note = operationsWatch(raise);
  await answers(note, 40, true);
  expect(raised).toEqual([]);

  isOut = false;
  await answers(note, 1, false);

  expect(raised).toMatchObject([{ trigger: 'service-outage', subject: 'getTask', severity: 'critical' }]);
  await answers(note, 5, false);
  expect(raised).toHaveLength(1);
});

test('while one telling waits for the database no other begins', async () => {
  let fail = (_: Error) => {};
  raise.mockImplementationOnce(() => new Promise((_resolve, reject) => (fail = reject)));
  const note = operationsWatch(raise);
  const all = Promise.all(
    Array.from({ length: 60 }, async () => note({ org, operation: 'getTask', failed: true }, now)),
  );
  expect(raise).toHaveBeenCalledTimes(1);
  fail(new Error('the database is out'));
  await all;
});
