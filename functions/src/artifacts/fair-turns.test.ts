import { describe, expect, test } from '@jest/globals';
import { fairTurns } from './fair-turns.ts';

/** Turns, what has begun so far, and a way to end what is running. */
const started = () => {
  const turns = fairTurns();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const take = (org: string, { size = 1, patient = false } = {}) =>
    turns({ org, size, patient }, () => {
      begun.push(org);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      ends.push(() => resolve(undefined));
      return promise;
    });
  return { take, begun, endNext: () => ends.shift()?.() };
};

const refused = { code: 'artifacts.checks_busy' };

describe('work of several orgs', () => {
  test('begins one at a time, in turn, however much one of them has waiting', async () => {
    const { take, begun, endNext } = started();
    const all = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map((org) => take(org));
    expect(begun).toEqual(['a']);
    for (const each of [0, 1, 2, 3, 4, 5, 6]) {
      endNext();
      await Promise.any(all.slice(each));
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(begun).toEqual(['a', 'a', 'b', 'c', 'a', 'b', 'a']);
  });

  test('goes on after work that fails', async () => {
    const turns = fairTurns();
    const failing = turns({ org: 'a', size: 1 }, () => Promise.reject(new Error('no')));
    const next = turns({ org: 'a', size: 1 }, () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('done');
  });
});

describe('what waits', () => {
  test('is bounded for each org, so that others still have room', async () => {
    const { take } = started();
    void take('a');
    for (let count = 0; count < 100; count++) void take('a');
    await expect(take('a')).rejects.toMatchObject(refused);
    for (let count = 0; count < 99; count++) void take('b');
    void take('c');
    await expect(take('d')).rejects.toMatchObject(refused);
  });

  test('is bounded by its size', async () => {
    const { take } = started();
    void take('a', { size: 900_000 });
    void take('a', { size: 7_000_000 });
    await expect(take('a', { size: 2_000_000 })).rejects.toMatchObject(refused);
    void take('b', { size: 7_000_000 });
    await expect(take('c', { size: 3_000_000 })).rejects.toMatchObject(refused);
  });

  test('takes in whoever is patient', () => {
    const { take, begun } = started();
    for (let count = 0; count < 300; count++) void take('a', { patient: true });
    expect(begun).toEqual(['a']);
  });
});
