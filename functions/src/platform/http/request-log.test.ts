import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { startTokenIssuer, type TokenIssuer } from '../../../test/support/token-issuer.ts';

// The logger keeps the console's methods when it is loaded, so the recorder must be in place before.
const records: Record<string, unknown>[] = [];
for (const method of ['debug', 'info', 'warn', 'error'] as const) {
  console[method] = (line: string) => void records.push(JSON.parse(line) as Record<string, unknown>);
}
const { thingsApi } = await import('../../../test/support/things-api.ts');

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer('demo-request-log');
});
beforeEach(() => void records.splice(0));
afterAll(() => issuer.stop());

const api = thingsApi();

test('a request leaves one record with operation, status, org and id, and nothing of the body or token', async () => {
  const token = issuer.sign({ org: 'acme', role: 'member' });
  await api.request('/v1/things/one', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-request-id': 'r-1' },
    body: '{"name":"secret-name"}',
  });
  expect(records).toEqual([
    {
      severity: 'INFO',
      message: 'request',
      operation: 'createThing',
      method: 'POST',
      status: 200,
      requestId: 'r-1',
      org: 'acme',
      role: 'member',
      ms: expect.any(Number) as unknown,
    },
  ]);
});

test('a refusal is information, with its code', async () => {
  await api.request('/v1/things/one', { method: 'POST' });
  expect(records).toMatchObject([{ severity: 'INFO', status: 401, code: 'http.unauthenticated' }]);
});

test('a path that is not there is logged as such', async () => {
  await api.request('/nowhere');
  expect(records).toMatchObject([{ operation: 'unrouted', status: 404, code: 'http.route_not_found' }]);
});

test('an unknown failure is an error that says where it was thrown, and not its message, which may quote anything', async () => {
  await api.request('/v1/crash');
  expect(records).toMatchObject([
    {
      severity: 'ERROR',
      operation: 'crash',
      status: 500,
      code: 'platform.internal',
      cause: expect.stringMatching(/^Error\n    at .*things-api\.ts/),
    },
  ]);
  expect(JSON.stringify(records)).not.toContain('hunter2');
});

test('a request that gets no answer is told of as failed, once, although it is answered in the end', async () => {
  const token = issuer.sign({ org: 'acme', role: 'member' });
  const told: number[] = [];
  const slow = thingsApi({
    onAnswered: ({ status }) => {
      told.push(status);
      return Promise.resolve();
    },
  });
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'Date'] });
  try {
    const answer = slow.request('/v1/slow', { headers: { authorization: `Bearer ${token}` } });
    await jest.advanceTimersByTimeAsync(60_000);
    expect((await answer).status).toBe(200);
    await slow.request('/v1/things/one', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  } finally {
    jest.useRealTimers();
  }
  expect(told).toEqual([599, 400]);
});
