// Tasks that come over Pub/Sub.
import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../measure.ts';
import type { Stage } from '../stage.ts';
import { planned } from './bodies.ts';

const waitMs = 60_000;

/** Publishes and waits until `path` shows `text`. */
const published = async ({ suite, call, org }: Stage, payload: object, path: string, text: string) => {
  const body = JSON.stringify({ org, ...payload });
  const url = `${suite.urls.pubsub}/v1/projects/${suite.project}/topics/coordination-tasks:publish`;
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ data: Buffer.from(body).toString('base64') }] }),
  });
  if (status !== 200) return { outcome: `publish ${status}`, bytes: body.length };
  for (const until = Date.now() + waitMs; Date.now() < until; await pause(200)) {
    if ((await call(path)).text.includes(text))
      return { outcome: path.slice('/v1/'.length).split('?')[0] ?? '', bytes: body.length };
  }
  return { outcome: 'neither task nor letter', bytes: body.length };
};

/** The title comes first: a letter keeps the beginning of a message that is too large for it. */
const row = (name: string, title: string, payload: object, outcome: 'tasks' | 'dead-letters'): Row => ({
  name,
  measured: 'acceptTask',
  expects: [outcome],
  act: async (stage) =>
    published(stage, Object.assign({ title }, payload, { title }), `/v1/${outcome}?pageSize=1`, title),
});

export const messageRows: readonly Row[] = [
  row('message with the largest task', 'Largest message', planned(110, 8_000), 'tasks'),
  row('message with a task over 900,000 bytes', 'Message over', planned(115, 8_000), 'dead-letters'),
  row('message of 9 MB', 'Largest of all', { description: 'x'.repeat(9_000_000) }, 'dead-letters'),
];
