import { describe, expect, test } from '@jest/globals';
import { sharedReads } from './shared-reads.ts';

const at = (ms: number) => new Date(ms);

/** A source that counts how often it was asked, and answers when the test says so. */
const source = () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const load = async (key: string): Promise<string> => {
    const nth = asked.push(key);
    await new Promise<void>((resolve) => answers.push(resolve));
    return `${key}${nth}`;
  };
  return { asked, load, answerAll: () => answers.splice(0).forEach((answer) => answer()) };
};

describe('sharedReads', () => {
  test('asks once for all who ask while the answer is under way, and keeps it for a while', async () => {
    const { asked, load, answerAll } = source();
    const { read } = sharedReads(load, { keepMs: 10, maxKeys: 5 });
    const both = [read('a', at(0)), read('a', at(5))];
    answerAll();
    expect(await Promise.all(both)).toEqual(['a1', 'a1']);
    expect(await read('a', at(9))).toBe('a1');
    expect(asked).toEqual(['a']);
  });

  test('asks again once the answer is too old, or forgotten', async () => {
    const { load, answerAll } = source();
    const { read, forget } = sharedReads(load, { keepMs: 10, maxKeys: 5 });
    const first = read('a', at(0));
    const second = read('a', at(10));
    forget('a');
    const third = read('a', at(11));
    answerAll();
    expect(await Promise.all([first, second, third])).toEqual(['a1', 'a2', 'a3']);
  });

  test('keeps no failure', async () => {
    let tries = 0;
    const { read } = sharedReads(
      async () => {
        tries += 1;
        return tries === 1 ? Promise.reject(new Error('not now')) : Promise.resolve(tries);
      },
      { keepMs: 10, maxKeys: 5 },
    );
    await expect(read('a', at(0))).rejects.toThrow('not now');
    expect(await read('a', at(1))).toBe(2);
  });

  test('holds no more keys than it may, and forgets the oldest first', async () => {
    const { asked, load, answerAll } = source();
    const { read } = sharedReads(load, { keepMs: 10, maxKeys: 2 });
    const reads = ['a', 'b', 'c', 'b', 'a'].map((key) => read(key, at(0)));
    answerAll();
    await Promise.all(reads);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
