import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { coalesced } from './coalesced.ts';

/** Jobs that say which one they are, each once the test lets it end: the nth when `endOne` was called n times. */
const jobs = () => {
  let begun = 0;
  let ended = 0;
  const gates: PromiseWithResolvers<unknown>[] = [];
  const gate = (nth: number) => (gates[nth] ??= Promise.withResolvers<unknown>());
  const job = async (): Promise<number> => {
    const nth = ++begun;
    await gate(nth).promise;
    return nth;
  };
  return { job, begun: () => begun, endOne: () => gate(++ended).resolve(undefined) };
};

describe('coalesced', () => {
  test('all who come while a job is under way share the one that begins after it', async () => {
    const { job, begun, endOne } = jobs();
    const once = coalesced<number>();
    const all = [once('a', job), once('a', job), once('a', job)];
    expect(begun()).toBe(1);
    endOne();
    expect(await all[0]).toBe(1);
    endOne();
    expect(await Promise.all(all)).toEqual([1, 2, 2]);
  });

  test('who comes when the shared job has begun waits for another', async () => {
    const { job, begun, endOne } = jobs();
    const once = coalesced<number>();
    const all = [once('a', job), once('a', job)];
    endOne();
    await nextTick();
    expect(begun()).toBe(2);
    all.push(once('a', job));
    endOne();
    await all[1];
    endOne();
    expect(await Promise.all(all)).toEqual([1, 2, 3]);
  });

  test('who comes when nothing is under way begins at once', async () => {
    const { job, endOne } = jobs();
    const once = coalesced<number>();
    for (const nth of [1, 2]) {
      const answer = once('a', job);
      endOne();
      expect(await answer).toBe(nth);
    }
  });

  test('jobs of different keys do not wait for each other', () => {
    const { job, begun } = jobs();
    const once = coalesced<number>();
    void once('a', job);
    void once('b', job);
    expect(begun()).toBe(2);
  });

  test('a failure is told to those who share the job, and to nobody after', async () => {
    const once = coalesced<string>();
    const fails = () => Promise.reject(new Error('not now'));
    const first = once('a', fails);
    const next = once('a', () => Promise.resolve('done'));
    await expect(first).rejects.toThrow('not now');
    expect(await next).toBe('done');
  });

  test('who comes in the gap before the next job shares it', async () => {
    let begun = 0;
    const job = () => Promise.resolve(++begun);
    const once = coalesced<number>(5);
    const first = once('a', job);
    const second = once('a', job);
    await first;
    const third = once('a', job);
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
  });
});
