import { expect, test } from '@jest/globals';
import { recent } from './recent.ts';

/** A source that counts how often it was asked. */
const counted = (answer: (key: string, load: number) => Promise<string>) => {
  const loads: string[] = [];
  const load = (key: string) => answer(key, loads.push(key));
  return { loads, memory: recent(load, { maxAgeMs: 10, maxKeys: 2 }) };
};
const named = (key: string, load: number) => Promise.resolve(`${key}${load}`);

test('a value is loaded again once it is too old, not before', async () => {
  const { memory } = counted(named);
  expect(await memory.get('a', 0)).toBe('a1');
  expect(await memory.get('a', 9)).toBe('a1');
  expect(await memory.get('a', 10)).toBe('a2');
});

test('callers that ask at the same time share one load', async () => {
  const { memory, loads } = counted(named);
  expect(await Promise.all([memory.get('a', 0), memory.get('a', 0)])).toEqual(['a1', 'a1']);
  expect(loads).toEqual(['a']);
});

test('a failure is told to those who asked and not remembered', async () => {
  const { memory } = counted((key, load) => (load === 1 ? Promise.reject(new Error('down')) : named(key, load)));
  await expect(memory.get('a', 0)).rejects.toThrow('down');
  expect(await memory.get('a', 0)).toBe('a2');
});

test('what was loaded longest ago is forgotten when there are too many', async () => {
  const { memory, loads } = counted(named);
  for (const key of ['a', 'b', 'c', 'b', 'a']) await memory.get(key, 0);
  expect(loads).toEqual(['a', 'b', 'c', 'a']);
});

test('what is forgotten is loaded again', async () => {
  const { memory } = counted(named);
  await memory.get('a', 0);
  memory.forget('a');
  expect(await memory.get('a', 0)).toBe('a2');
});
