// The largest records, as many as there may be: made, listed and swept.
import { z } from 'zod';
import type { Row } from '../measure.ts';
import type { Stage } from '../stage.ts';
import { planned } from './bodies.ts';

const atATime = 4;

/** Sends the same as many times, a few at a time; resolves with the bytes and the outcomes, each once. */
const repeated = async (count: number, send: () => Promise<{ outcome: string; bytes: number }>) => {
  const outcomes = new Set<string>();
  let [left, bytes] = [count, 0];
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await send();
      outcomes.add(answer.outcome);
      bytes += answer.bytes;
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return { outcome: [...outcomes].join(', '), bytes };
};

const page = z.object({ nextPageToken: z.string().nullish() });

/** Reads the list to its end, by pages of a hundred. */
const listed = async ({ call }: Stage, path: string) => {
  let [token, bytes] = ['', 0];
  for (;;) {
    const answer = await call(`${path}?pageSize=100${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`);
    bytes += answer.text.length;
    if (answer.outcome !== '200') return { outcome: answer.outcome, bytes };
    token = page.parse(JSON.parse(answer.text)).nextPageToken ?? '';
    if (token === '') return { outcome: '200', bytes };
  }
};

/** 256 KiB as stored: some 8,000 characters in each of 32 assignments. */
const scheduled = () => {
  const { startAt: _unset, ...submission } = planned(32, 7_900);
  return { name: 'Large', cron: '* * * * *', submission };
};

const schedules = (call: Stage['call']) => async () => call('/v1/schedules', { json: scheduled() });

export const recordRows = (count: number): readonly Row[] => [
  {
    name: `${count} tasks of 900 kB`,
    expects: ['202'],
    act: async ({ call }) => repeated(count, async () => call('/v1/tasks', { json: planned(110, 8_000) })),
  },
  { name: `list of ${count} tasks of 900 kB`, expects: ['200'], act: async (stage) => listed(stage, '/v1/tasks') },
  {
    name: `${count} schedules of 256 KiB`,
    expects: ['201'],
    act: async ({ call }) => repeated(count, schedules(call)),
  },
  {
    name: 'one schedule more than 100',
    expects: [count < 100 ? '201' : '422 scheduling.too_many_schedules'],
    act: async ({ call }) => schedules(call)(),
  },
  {
    name: `list of ${count} schedules of 256 KiB`,
    expects: ['200'],
    act: async (stage) => listed(stage, '/v1/schedules'),
  },
  {
    name: `sweep with ${count} schedules of 256 KiB due`,
    measured: 'runSchedules',
    expects: ['200', '204'],
    prepare: async () => untilNextMinute(),
    act: async ({ suite }) => {
      const { status } = await fetch(`${suite.urls.host}/schedules/runSchedules`, { method: 'POST' });
      return { outcome: String(status), bytes: 0 };
    },
  },
];

/** Each of the schedules is due once a minute. */
const untilNextMinute = async () =>
  new Promise<void>((resolve) => void setTimeout(resolve, 61_000 - (Date.now() % 60_000)));
