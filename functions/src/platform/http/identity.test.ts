// Runs the verification in its production mode: no FIREBASE_AUTH_EMULATOR_HOST.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTokenIssuer, type TokenIssuer } from '../../../test/support/token-issuer.ts';
import { unroutedOrg } from '../schemas.ts';
import { thingsApi } from '../../../test/support/things-api.ts';

const api = thingsApi();
const claims = { org: 'acme', role: 'member' };

const call = (authorization?: string) =>
  api.request('/v1/things/one', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: '{"name":"a"}',
  });

const outcome = async (authorization?: string) => {
  const response = await call(authorization);
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code, challenge: response.headers.get('www-authenticate') };
};

const invalid = {
  status: 401,
  code: 'http.invalid_token',
  challenge: expect.stringContaining('error="invalid_token"'),
};
const forbidden = { status: 403, code: 'http.forbidden', challenge: null };

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer('demo-identity');
});
afterAll(() => issuer.stop());

test('no token is 401 with a bare challenge', async () => {
  expect(await outcome()).toEqual({
    status: 401,
    code: 'http.unauthenticated',
    challenge: 'Bearer realm="backend-coordinator"',
  });
});

test.each(['', 'Bearer', 'Bearer ', 'Bearer a.b.c', 'Basic dXNlcjpwdw==', 'Bearer a b', `Bearer ${'x'.repeat(5_000)}`])(
  'the header "%.20s" is 401',
  async (header) => {
    expect(await outcome(header)).toMatchObject({ status: 401 });
  },
);

test.each<[string, () => string]>([
  ['without a signature', () => issuer.unsigned(claims)],
  ['signed with the public key as a secret', () => issuer.confused(claims)],
  ['of another project', () => issuer.sign({ ...claims, aud: 'other', iss: 'https://securetoken.google.com/other' })],
  ['of another issuer', () => issuer.sign({ ...claims, iss: 'https://evil.example/demo-identity' })],
  ['of another audience', () => issuer.sign({ ...claims, aud: 'other' })],
  ['that has expired', () => issuer.sign({ ...claims, exp: Math.floor(Date.now() / 1_000) - 1 })],
  ['without an expiry', () => issuer.sign({ ...claims, exp: undefined })],
  ['without a key id', () => issuer.sign(claims, { kid: undefined })],
  ['without a subject', () => issuer.sign({ ...claims, sub: '' })],
])('a token %s is 401 without a question to the network (I2)', async (_, token) => {
  expect(await outcome(`Bearer ${token()}`)).toEqual(invalid);
  expect(issuer.keyRequests()).toBe(0);
});

// The SDK has no keys up to here; later tests find them kept.
test('a good token is 503 while the keys cannot be had, not the fault of the caller (I3)', async () => {
  issuer.setOutage(true);
  const response = await call(`Bearer ${issuer.sign(claims)}`);
  issuer.setOutage(false);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await response.json()).toMatchObject({ code: 'http.identity_unavailable' });
});

test('a well-signed token with org and role is let in', async () => {
  expect((await call(`Bearer ${issuer.sign(claims)}`)).status).toBe(200);
  expect((await call(`bearer ${issuer.sign(claims)}`)).status).toBe(200);
});

test.each<[string, () => string]>([
  ['signed by someone else', () => issuer.forged(claims)],
  ['with an unknown key id', () => issuer.sign(claims, { kid: 'unknown' })],
  [
    'whose claims were changed',
    () => {
      const [head, , signature] = issuer.sign(claims).split('.');
      return [head, issuer.sign({ ...claims, org: 'victim' }).split('.')[1], signature].join('.');
    },
  ],
])('a token %s is 401 (I1)', async (_, token) => {
  expect(await outcome(`Bearer ${token()}`)).toEqual(invalid);
});

test.each([
  [{}],
  [{ org: 'acme' }],
  [{ role: 'member' }],
  [{ org: 'acme', role: 'admin' }],
  [{ org: '../other', role: 'member' }],
  [{ org: ['acme'], role: 'member' }],
  [{ org: 'acme', role: 'agent' }],
])('a valid token that claims %j is 403', async (given) => {
  expect(await outcome(`Bearer ${issuer.sign(given)}`)).toEqual(forbidden);
});

test.each([undefined, false, 'true', 1])(
  'the org of messages that name none is 403 to a token whose claim serviceOperator is %j (I4)',
  async (serviceOperator) => {
    const reserved = { org: unroutedOrg, role: 'operator', serviceOperator };
    expect(await outcome(`Bearer ${issuer.sign(reserved)}`)).toEqual(forbidden);
  },
);

test('an operator of the whole service is let into that org, and by that claim into no other', async () => {
  const claimed = { role: 'member', serviceOperator: true };
  expect((await call(`Bearer ${issuer.sign({ ...claimed, org: unroutedOrg })}`)).status).toBe(200);
  expect(await outcome(`Bearer ${issuer.sign(claimed)}`)).toEqual(forbidden);
});
