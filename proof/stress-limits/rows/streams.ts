// As many event streams as may be open, and one more.
import { z } from 'zod';
import type { Row } from '../measure.ts';
import type { Stage } from '../stage.ts';
import { planned } from './bodies.ts';

const made = z.object({ id: z.string() });

/** Opens streams one after another, and closes all; resolves with the statuses, each once. */
const opened = async ({ suite, call }: Stage, tokens: readonly string[]) => {
  const { text } = await call('/v1/tasks', { json: planned(1, 1) });
  const { id } = made.parse(JSON.parse(text));
  const closing = new AbortController();
  // Held, as fetch closes the connection of a response that nobody holds any more.
  const responses: Response[] = [];
  try {
    for (const token of tokens) {
      const response = await fetch(`${suite.urls.api}/v1/tasks/${id}/events`, {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
        signal: closing.signal,
      });
      responses.push(response);
    }
  } finally {
    closing.abort();
  }
  const statuses = responses.map(({ status }) => status);
  return {
    bytes: 0,
    outcome: [...new Set(statuses)]
      .map((each) => `${each} × ${statuses.filter((one) => one === each).length}`)
      .join(', '),
  };
};

const times = (tokens: readonly string[], count: number) =>
  tokens.flatMap((token) => Array.from({ length: count }, () => token));

export const streamRows: readonly Row[] = [
  {
    name: '11 event streams of one caller',
    expects: ['200 × 10, 429 × 1'],
    act: async (stage) => opened(stage, times(stage.readers.slice(0, 1), 11)),
  },
  {
    name: '61 event streams of seven callers',
    expects: ['200 × 60, 429 × 1'],
    act: async (stage) => opened(stage, [...times(stage.readers.slice(0, 6), 10), ...stage.readers.slice(6, 7)]),
  },
];
