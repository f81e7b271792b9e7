import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTokenIssuer, type TokenIssuer } from '../../../test/support/token-issuer.ts';
import { thingsApi } from '../../../test/support/things-api.ts';

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer('demo-rate-limit');
});
afterAll(() => issuer.stop());

const caller = (api: ReturnType<typeof thingsApi>) => (headers: Record<string, string>) =>
  api.request('/healthz', { headers });
const as = (sub: string, org = 'acme') => ({ authorization: `Bearer ${issuer.sign({ sub, org, role: 'member' })}` });
const from = (address: string) => ({ 'x-forwarded-for': address });
const status = async (response: Response | Promise<Response>) => (await response).status;

test('a user is refused beyond the limit, and told when to come back', async () => {
  const call = caller(thingsApi({ requestsPerMinute: 2 }));
  const first = await call(as('ada'));
  expect([first.status, first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
    200,
    '2',
    '1',
  ]);
  expect(await status(call(as('ada')))).toBe(200);
  const refused = await call(as('ada'));
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'http.too_many_requests' });
  expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
});

test('users have a budget each, wherever they call from; the same uid in another org is another user', async () => {
  const call = caller(thingsApi({ requestsPerMinute: 1 }));
  expect(await status(call({ ...as('ada'), ...from('192.0.2.1') }))).toBe(200);
  expect(await status(call({ ...as('bob'), ...from('192.0.2.1') }))).toBe(200);
  expect(await status(call({ ...as('ada', 'globex'), ...from('192.0.2.1') }))).toBe(200);
  expect(await status(call({ ...as('ada'), ...from('192.0.2.2') }))).toBe(429);
});

test('who is not known is limited by address, and cannot choose the address', async () => {
  const call = caller(thingsApi({ requestsPerMinute: 1 }));
  expect(await status(call(from('192.0.2.1')))).toBe(200);
  expect(await status(call(from('203.0.113.9, 192.0.2.1')))).toBe(429);
  expect(await status(call({ ...from('192.0.2.1'), authorization: 'Bearer a.b.c' }))).toBe(429);
  expect(await status(call(from('192.0.2.2')))).toBe(200);
  expect(await status(call({ ...as('ada'), ...from('192.0.2.1') }))).toBe(200);
});
