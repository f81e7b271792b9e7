// The changes of a scratchpad, in pages and live.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { gateIds } from '../../../src/governance/schemas.ts';
import { mergeNotes } from '../../../src/scratchpads/merge-notes.ts';
import { call, json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { ifMatch, newTask, note, onPad } from './pads.ts';

interface Seen {
  readonly cursor: string;
  readonly type: string;
  readonly section: string;
  readonly number: number;
}
type Page = { events: Seen[]; nextPageToken: string; more: boolean };

const org = randomOrg();
const accept = 'text/event-stream';
let task = '';
let pad: ReturnType<typeof onPad>;

const write = (section: string, seen: number, text: string) =>
  json(pad(`PATCH /sections/${section}`, { body: { fields: { text } }, headers: ifMatch(seen) }));

const pageOf = async (query: string) => (await json(pad(`GET /events${query}`))) as unknown as Page;

beforeAll(async () => {
  task = await newTask(org);
  pad = onPad(org, task);
  for (let seen = 0; seen < 3; seen++) {
    await write('risks', seen, `risks ${seen}`);
    await write('plan', seen, `plan ${seen}`);
  }
});

const eventsIn = (body: NonNullable<Response['body']>) =>
  body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());

/** Reads a stream until `wanted` revisions have come, then hangs up. */
const take = async (
  response: Response,
  wanted: number,
  onEvent?: (nth: number) => Promise<unknown>,
): Promise<Seen[]> => {
  const seen: Seen[] = [];
  if (!response.body) return seen;
  for await (const { id, event, data } of eventsIn(response.body)) {
    if (event === 'progress.changed') continue;
    const each = JSON.parse(data) as Seen;
    expect({ id, event }).toEqual({ id: each.cursor, event: each.type });
    seen.push(each);
    await onEvent?.(seen.length);
    if (seen.length === wanted) break;
  }
  return seen;
};

const names = (events: readonly Seen[]) => events.map(({ section, number }) => `${section} ${number}`);

/** A follower of the checklist looks every 15 s by itself: what comes earlier came because it was told. */
const beforeNextLookMs = 13_000;

const attestTests = (working: string) =>
  json(
    call(`POST /v1/tasks/${working}/attest`, {
      org,
      uid: 'tess',
      body: { gate: 'tests', status: 'passed', summary: 'I ran them.' },
    }),
    201,
  );

const waiveAll = async (working: string) => {
  for (const gate of gateIds) {
    const asked = call(`POST /v1/tasks/${working}/gates/${gate}/waive`, {
      org,
      uid: 'ann',
      body: { reason: 'A test.' },
    });
    const { id } = await json(asked, 201);
    await json(call(`POST /v1/approvals/${String(id)}/approve`, { org, uid: 'bob' }));
  }
};

describe('the events of a scratchpad', () => {
  test('come in order, in pages whose cursors continue exactly after any event (E1, E2)', async () => {
    const whole = await pageOf('?pageSize=100');
    expect(names(whole.events)).toEqual(['risks 1', 'plan 1', 'risks 2', 'plan 2', 'risks 3', 'plan 3']);
    expect(whole.more).toBe(false);
    const first = await pageOf('?pageSize=4');
    expect(first.more).toBe(true);
    const rest = await pageOf(`?pageToken=${first.nextPageToken}`);
    expect([...first.events, ...rest.events]).toEqual(whole.events);
    expect((await pageOf(`?pageToken=${whole.events[2]?.cursor ?? ''}`)).events).toEqual(whole.events.slice(3));
    expect(await pageOf(`?pageToken=${whole.nextPageToken}`)).toEqual({ ...whole, events: [] });
  });

  test('come as a stream from the beginning, and on from Last-Event-ID', async () => {
    const { events } = await pageOf('?pageSize=100');
    const response = await pad('GET /events', { headers: { accept } });
    expect(response.headers.get('content-type')).toBe(accept);
    expect(await take(response, events.length)).toEqual(events);
    const rest = await pad('GET /events', { headers: { accept, 'last-event-id': events[3]?.cursor ?? '' } });
    expect(await take(rest, 2)).toEqual(events.slice(4));
  });

  test('arrive as they happen: edits, archiving', async () => {
    const live = onPad(org, await newTask(org));
    const body = { fields: { text: 'x' } };
    const edit = () => live('PATCH /sections/risks', { body, headers: ifMatch(0) });
    const response = await live('GET /events', { headers: { accept } });
    await json(edit());
    const seen = await take(response, 2, async (nth) => nth === 1 && json(live('POST /archive')));
    expect(seen.map(({ type }) => type)).toEqual(['section.revised', 'pad.archived']);
  });

  test('of a note come once it is merged', async () => {
    const noted = await newTask(org);
    const response = await onPad(org, noted)('GET /events', { headers: { accept } });
    await note(org, noted, { ordinal: 0, notes: { service: 'Extracts' } });
    await mergeNotes(org, noted);
    expect(await take(response, 1)).toMatchObject([
      { type: 'section.revised', section: 'serviceArchitecture', number: 1 },
    ]);
  });

  test.each([
    { by: 'an attestation', item: 'Tests written', tick: attestTests },
    { by: 'waivers', item: 'Production ready', tick: waiveAll },
  ])(
    'tell what is ticked of the checklist, and what $by tick meanwhile, and leave the reader where it is',
    async ({ item, tick }) => {
      const working = await newTask(org);
      const page = onPad(org, working);
      const body = { fields: { text: 'x' } };
      const { number } = await json(page('PATCH /sections/risks', { body, headers: ifMatch(0) }));
      const response = await page('GET /events', { headers: { accept, 'last-event-id': `risks.${String(number)}` } });
      if (!response.body) throw new Error('There is no stream.');
      const told: unknown[] = [];
      for await (const { id, event, data } of eventsIn(response.body)) {
        expect({ id, event }).toEqual({ id: undefined, event: 'progress.changed' });
        const { progressTracking } = JSON.parse(data) as { progressTracking: { item: string; done: boolean }[] };
        told.push(progressTracking.filter(({ done }) => done).map((each) => each.item));
        if (told.length === 2) break;
        await tick(working);
      }
      expect(told).toEqual([[], [item]]);
      expect(await json(page('GET '))).toMatchObject({
        sections: { progressTracking: expect.arrayContaining([{ item, done: true }]) },
      });
    },
    beforeNextLookMs,
  );

  test('with a cursor that is not ours are 400, in both forms', async () => {
    const page = pad('GET /events?pageToken=nonsense!');
    expect(await json(page, 400)).toMatchObject({ code: 'coordination.invalid_cursor' });
    const stream = pad('GET /events', { headers: { accept, 'last-event-id': 'nonsense!' } });
    expect(await json(stream, 400)).toMatchObject({ code: 'coordination.invalid_cursor' });
  });
});
