import { expect, test } from '@jest/globals';
import { orgId } from '../platform/schemas.ts';
import { countEvery, maxWaitingTasks, waitingLimit } from './waiting-tasks.ts';

const org = orgId.parse('acme');

/** Hands in so many tasks, and says how many were refused. */
const refusedOf = async (whyFull: ReturnType<typeof waitingLimit>, tasks: number): Promise<number> => {
  let refused = 0;
  for (let nth = 0; nth < tasks; nth++) if (await whyFull(org)) refused += 1;
  return refused;
};

test('an org that is at its limit hands in no more, and may again once tasks have started', async () => {
  let waiting = maxWaitingTasks;
  const whyFull = waitingLimit(() => Promise.resolve(waiting));
  expect(await refusedOf(whyFull, countEvery - 1)).toBe(0);
  expect(await refusedOf(whyFull, 2)).toBe(2);
  expect(await whyFull(org)).toMatchObject({ code: 'coordination.too_many_waiting' });
  waiting -= 1;
  expect(await refusedOf(whyFull, 1)).toBe(0);
});

test('an org below its limit is counted with one task in a hundred', async () => {
  let counts = 0;
  const whyFull = waitingLimit(() => Promise.resolve(++counts));
  expect(await refusedOf(whyFull, 2 * countEvery)).toBe(0);
  expect(counts).toBe(2);
});
