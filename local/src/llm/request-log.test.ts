import { expect, test } from '@jest/globals';
import { type LlmRequestRecord, RequestLog } from './request-log.ts';

const record = (id: string): LlmRequestRecord => ({
  id,
  time: '2026-01-01T00:00:00.000Z',
  provider: 'openai',
  endpoint: '/',
  model: null,
  stream: false,
  bodySha256: '',
  outcome: 'pending',
  fault: null,
  status: null,
  usage: null,
  durationMs: null,
});

test('keeps no more than its limit, the newest ones', () => {
  const log = new RequestLog(3);
  for (const id of ['a', 'b', 'c', 'd', 'e']) log.add(record(id));
  expect(log.list().map(({ id }) => id)).toEqual(['c', 'd', 'e']);
});

test('shows amendments, and hands out copies', () => {
  const log = new RequestLog();
  const amend = log.add(record('a'));
  const before = log.list();
  amend({ outcome: 'answered' });
  expect(before[0]?.outcome).toBe('pending');
  expect(log.list()[0]?.outcome).toBe('answered');
});
