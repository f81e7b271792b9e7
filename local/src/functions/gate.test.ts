import { describe, expect, test } from '@jest/globals';
import { makeGate } from './gate.ts';

const work = () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { started: false, finish: () => resolve(undefined), promise };
};

const enter = (gate: ReturnType<typeof makeGate>, item: ReturnType<typeof work>) =>
  gate.pass(async () => {
    item.started = true;
    return item.promise;
  });

const settled = async () => new Promise((resolve) => setImmediate(resolve));

describe('a gate', () => {
  test('lets no more through at a time than its limit, the others in order of arrival', async () => {
    const gate = makeGate(() => 2);
    const items = [work(), work(), work(), work()] as const;
    const all = items.map(async (item) => enter(gate, item));
    await settled();
    expect(items.map(({ started }) => started)).toEqual([true, true, false, false]);
    items[1].finish();
    await settled();
    expect(items.map(({ started }) => started)).toEqual([true, true, true, false]);
    for (const item of items) item.finish();
    await Promise.all(all);
  });

  test('work that fails gives its place back', async () => {
    const gate = makeGate(() => 1);
    await expect(gate.pass(async () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(gate.pass(async () => Promise.resolve('next'))).resolves.toBe('next');
  });
});
