import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LlmProviders, type LlmRequestRecord, startLlmProviders } from './index.ts';

let providers: LlmProviders;

beforeEach(async () => {
  providers = await startLlmProviders({ latencyMs: 0 });
});

afterEach(() => providers.stop());

const chatPath = '/openai/v1/chat/completions';
const chatBody = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'Describe the documents' }] };

const send = (path: string, init: RequestInit = {}) => fetch(`${providers.url}${path}`, init);

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  send(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });

const withKey = { authorization: 'Bearer key', 'x-api-key': 'key', 'x-goog-api-key': 'key' };

const messagesPath = '/anthropic/v1/messages';
const geminiPath = '/gemini/v1beta/models/gemini-3.8-flash:generateContent';

describe('refusals in the shape of the provider', () => {
  const shapes = (status: number, type: string, googleStatus: string) =>
    [
      [messagesPath, { type: 'error', error: { type } }],
      [chatPath, { error: { type: 'invalid_request_error', param: null } }],
      ['/openai/v1/responses', { error: { type: 'invalid_request_error', param: null } }],
      [geminiPath, { error: { code: status, status: googleStatus } }],
    ] as const;

  test.each(shapes(401, 'authentication_error', 'UNAUTHENTICATED'))('no key: %s', async (path, shape) => {
    for (const headers of [{}, { authorization: 'Bearer ', 'x-api-key': '', 'x-goog-api-key': '' }]) {
      const response = await post(path, chatBody, headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject(shape);
    }
  });

  test.each(shapes(400, 'invalid_request_error', 'INVALID_ARGUMENT'))('invalid body: %s', async (path, shape) => {
    for (const body of ['{"model": ', '[]', { messages: 3, contents: 3, input: 3 }]) {
      const response = await post(path, body, withKey);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject(shape);
    }
    expect(providers.requests().map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  test.each([
    ['/anthropic/v1/nothing', { error: { type: 'not_found_error' } }],
    ['/openai/v1/nothing', { error: { code: 'unknown_url' } }],
    ['/gemini/v1beta/models/m:nothing', { error: { status: 'NOT_FOUND' } }],
    ['/nothing', { error: {} }],
  ])('unknown path: %s', async (path, shape) => {
    const response = await post(path, chatBody, withKey);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject(shape);
  });
});

describe('the log of requests', () => {
  const logged = async () => ((await (await send('/requests')).json()) as { requests: LlmRequestRecord[] }).requests;

  test('tells what was asked and how it ended', async () => {
    await (await post(chatPath, chatBody, withKey)).text();
    await (await post(chatPath, chatBody, withKey)).text();
    const [first, second] = await logged();
    expect(first).toMatchObject({
      provider: 'openai',
      endpoint: chatPath,
      model: 'gpt-6-luna',
      stream: false,
      outcome: 'answered',
      fault: null,
      status: 200,
      usage: { inputUncached: 6, outputReasoning: 0 },
    });
    expect(first?.bodySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.bodySha256).toBe(first?.bodySha256);
    expect(second?.id).not.toBe(first?.id);
    expect(providers.requests()).toEqual(await logged());
  });

  test('is emptied by DELETE', async () => {
    await (await post(chatPath, chatBody, withKey)).text();
    expect((await send('/requests', { method: 'DELETE' })).status).toBe(204);
    expect(await logged()).toEqual([]);
  });

  test('says when the client left in the middle of a stream', async () => {
    await providers.stop();
    providers = await startLlmProviders({ latencyMs: 60_000 });
    const leave = new AbortController();
    const body = JSON.stringify({ ...chatBody, stream: true });
    await send(chatPath, { method: 'POST', body, headers: withKey, signal: leave.signal });
    leave.abort();
    while (providers.requests()[0]?.outcome === 'pending') await new Promise((resolve) => setImmediate(resolve));
    expect(providers.requests()[0]).toMatchObject({ outcome: 'aborted', stream: true, fault: null });
  });
});

describe('the rules for faults', () => {
  const put = (rules: unknown) => send('/faults', { method: 'PUT', body: JSON.stringify(rules) });

  test('are set and read over HTTP, with the number of their hits', async () => {
    expect((await put([{ provider: 'openai', fault: { kind: '429', retryAfterSeconds: 3 } }])).status).toBe(200);
    const refused = await post(chatPath, chatBody, withKey);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(await (await send('/faults')).json()).toMatchObject({
      faults: [{ provider: 'openai', fault: { kind: '429', retryAfterSeconds: 3 }, hits: 1 }],
    });
    await put([]);
    expect((await post(chatPath, chatBody, withKey)).status).toBe(200);
  });

  test.each([[{ kind: '429' }], [[{ fault: { kind: 'explode' } }]], [[{ fault: { kind: '500' }, sometimes: true }]]])(
    'are refused when they do not fit: %j',
    async (rules) => {
      expect((await put(rules)).status).toBe(400);
    },
  );
});

test('stop ends requests that hang', async () => {
  const body = { ...chatBody, messages: [{ role: 'user', content: '[[stand-in: hang]]' }] };
  const ended = post(chatPath, body, withKey).catch((error: unknown) => error);
  while (providers.requests()[0]?.fault !== 'hang') await new Promise((resolve) => setImmediate(resolve));
  await providers.stop();
  expect(await ended).toMatchObject({ message: 'fetch failed' });
  providers = await startLlmProviders();
});
