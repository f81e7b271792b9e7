import { expect, test } from '@jest/globals';
import { accident } from './accident.ts';
import { after, created, planned, started, submitted } from './test-story.ts';

const plan = [submitted, planned('a', 'b'), created('a', 'api-designer'), created('b', 'nodejs-expert')];
const oneAtWork = after(...plan, started('a', 100));
const twoAtWork = after(...plan, started('a', 100), started('b', 100));

test('the busiest process is killed, once, when several assignments are being worked on', async () => {
  const killed: number[] = [];
  const suite = {
    instances: () =>
      [
        { pid: 41, functions: [] },
        { pid: 42, functions: [] },
      ] as never,
    kill: (pid: number) => {
      killed.push(pid);
      return Promise.resolve();
    },
  };
  const { meddle, moral } = accident(suite);
  expect(await meddle(oneAtWork)).toBeUndefined();
  expect(moral()).toBeUndefined();
  expect(await meddle(twoAtWork)).toMatchObject({ about: 'kill -9', text: expect.stringContaining('41') });
  expect(await meddle(twoAtWork)).toBeUndefined();
  expect(killed).toEqual([41]);
  expect(moral()).toContain('nothing was lost');
});
