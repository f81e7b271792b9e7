import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTokenIssuer, type TokenIssuer } from '../../../test/support/token-issuer.ts';
import { thingsApi } from '../../../test/support/things-api.ts';
import { maxBodyValues, maxNesting } from './json-body.ts';
import { maxBodyBytes } from './request-limits.ts';

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer('demo-doors');
});
afterAll(() => issuer.stop());

const api = thingsApi();
const member = () => issuer.sign({ org: 'acme', role: 'member' });

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, path = '/v1/things/one') =>
  api.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${member()}`, 'content-type': 'application/json', ...headers },
    body,
  });

const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ status: response.status, instance: response.headers.get('x-request-id') });
  return body;
};

const unstorable = [String.raw`"a\ud800"`, String.raw`"a\u0000b"`, String.raw`{"__x__":1}`, '{"":1}'];

describe('text that cannot be stored', () => {
  test.each(unstorable)('in the body as %s is 400 and named', async (value) => {
    const problem = await problemOf(await post(`{"name":${value}}`));
    expect(problem).toMatchObject({ status: 400, code: 'platform.invalid_input' });
    expect(JSON.stringify(problem['errors'])).toContain('#/name');
  });

  test('in the query is 400 and named', async () => {
    const response = await api.request('/v1/things/one?filter=a%00b', {
      headers: { authorization: `Bearer ${member()}` },
    });
    expect(await problemOf(response)).toMatchObject({ status: 400, errors: [{ pointer: 'query#/filter' }] });
  });

  test('as the user id of a token is 403', async () => {
    const token = issuer.sign({ org: 'acme', role: 'member', sub: 'a\ud800' });
    expect((await post('{"name":"a"}', { authorization: `Bearer ${token}` })).status).toBe(403);
  });
});

describe('the body', () => {
  const padded = (bytes: number) => {
    const empty = JSON.stringify({ name: '' }).length;
    return JSON.stringify({ name: 'x'.repeat(bytes - empty) });
  };

  test('of exactly 1 MiB is taken, with one more byte it is 413', async () => {
    expect((await post(padded(maxBodyBytes))).status).toBe(200);
    expect(await problemOf(await post(padded(maxBodyBytes + 1)))).toMatchObject({
      status: 413,
      code: 'http.body_too_large',
    });
  });

  test('is refused by its announced length before it is read', async () => {
    const response = await post('{}', { 'content-length': String(maxBodyBytes + 1) });
    expect(await problemOf(response)).toMatchObject({ code: 'http.body_too_large' });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json;',
    'application/json; charset=latin1',
    '',
  ])('of type "%s" is 415', async (type) => {
    expect(await problemOf(await post('{"name":"a"}', { 'content-type': type }))).toMatchObject({
      status: 415,
      code: 'http.unsupported_media_type',
    });
  });

  test.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'of type %s is taken',
    async (type) => {
      expect((await post('{"name":"a"}', { 'content-type': type })).status).toBe(200);
    },
  );

  test('that is malformed is 400 and names the position', async () => {
    expect(await problemOf(await post('{"name":\n  oops}'))).toMatchObject({
      status: 400,
      code: 'http.malformed_json',
      detail: 'Unexpected text at line 2, column 3.',
    });
  });

  test('that is not UTF-8 is 400', async () => {
    const bytes = Uint8Array.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]);
    expect(await problemOf(await post(bytes))).toMatchObject({ status: 400, code: 'http.malformed_json' });
  });

  test(`is taken with ${maxNesting} levels and refused with one more, or with ten thousand`, async () => {
    const nested = (levels: number) => `{"name":"a","extra":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect((await post(nested(maxNesting))).status).toBe(200);
    for (const levels of [maxNesting + 1, 10_000]) {
      expect(await problemOf(await post(nested(levels)))).toMatchObject({ status: 400, code: 'http.nested_too_deep' });
    }
  });

  test('of more values than 50,000 is 400, before its schema is looked at', async () => {
    const listed = (items: number) => post(`{"name":"a","extra":[${'0,'.repeat(items - 1)}0]}`);
    expect((await listed(maxBodyValues - 3)).status).toBe(200);
    expect(await problemOf(await listed(maxBodyValues))).toMatchObject({ status: 400, code: 'http.too_many_values' });
  });

  test('may repeat a name, the last one counts', async () => {
    expect(await (await post('{"name":"a","name":"b"}')).json()).toEqual({ name: 'b' });
  });

  test('cannot reach the prototype', async () => {
    const nested = await post('{"name":"a","extra":{"__proto__":{"polluted":1}}}');
    expect(await problemOf(nested)).toMatchObject({ status: 400, errors: [{ pointer: '#/extra/__proto__' }] });
    expect((await post('{"name":"a","extra":{"constructor":{"prototype":{"polluted":1}}}}')).status).toBe(200);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await problemOf(await post('{"name":"a","__proto__":{"size":1}}'))).toMatchObject({
      code: 'platform.invalid_input',
    });
  });
});

describe('a problem', () => {
  test('lists every failing field of every place', async () => {
    const response = await post('{"size":1.5,"a/b~c":1}', { 'x-color': 'blue' }, '/v1/things/%00?pageSize=0');
    const { errors, code } = await problemOf(response);
    expect(code).toBe('platform.invalid_input');
    expect((errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
      'path#/thing',
      'query#/pageSize',
      'header#/X-Color',
      '#/name',
      '#/size',
      '#/a~1b~0c',
    ]);
  });

  test('lists 100 errors at most, and says how many there are', async () => {
    const sizes = `{"name":"a","sizes":[${'"x",'.repeat(149)}"x"]}`;
    const { errors, detail } = await problemOf(await post(sizes));
    expect(errors).toHaveLength(100);
    expect(detail).toBe('150 fields do not fit. The first 100 of 150 errors are listed.');
  });

  test('of 40,000 unknown fields is short', async () => {
    const fields = Array.from({ length: 40_000 }, (_, at) => `"k${at}":0`).join(',');
    const response = await post(`{"name":"a",${fields}}`);
    expect((await response.clone().text()).length).toBeLessThan(1_000);
    const { errors } = await problemOf(response);
    expect(errors).toEqual([
      { pointer: '#', detail: expect.stringMatching(/^has 40000 fields that are not known: k0,/) },
    ]);
  });

  test('of a query parameter that comes twice says so', async () => {
    const response = await post('{"name":"a"}', {}, '/v1/things/one?pageSize=1&pageSize=2');
    expect(await problemOf(response)).toMatchObject({ errors: [{ pointer: 'query#/pageSize' }] });
  });

  test('of a body that is missing names its fields', async () => {
    const response = await api.request('/v1/things/one', {
      method: 'POST',
      headers: { authorization: `Bearer ${member()}` },
    });
    expect(await problemOf(response)).toMatchObject({ status: 400, errors: [{ pointer: '#/name' }] });
  });

  test('of an unknown failure says nothing about it', async () => {
    const response = await api.request('/v1/crash');
    const body = await problemOf(response);
    expect(body).toMatchObject({ status: 500, code: 'platform.internal', title: body['detail'] });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  test('names the page that explains it', async () => {
    expect(await problemOf(await api.request('/nowhere'))).toMatchObject({ type: '/docs/errors/http.route_not_found' });
  });
});

describe('a path', () => {
  test('that no route knows is 404', async () => {
    expect(await problemOf(await api.request('/v1/things'))).toMatchObject({
      status: 404,
      code: 'http.route_not_found',
    });
  });

  test('with a method that it does not know is 405 with Allow', async () => {
    const wrong = await api.request('/v1/things/one', { method: 'DELETE' });
    expect(wrong.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await problemOf(wrong)).toMatchObject({ status: 405, code: 'http.method_not_allowed' });
    const health = await api.request('/healthz', { method: 'PUT' });
    expect(health.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('answers OPTIONS with what it allows', async () => {
    const response = await api.request('/v1/things/one', { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
  });
});

describe('every answer', () => {
  test('carries the request id that came, or one of our own when it is not fit for a log', async () => {
    const id = async (sent: string) =>
      (await api.request('/healthz', { headers: { 'x-request-id': sent } })).headers.get('x-request-id');
    expect(await id('abc-123')).toBe('abc-123');
    expect(await id('a b')).toMatch(/^[\da-f-]{36}$/);
    expect(await id('x'.repeat(129))).toMatch(/^[\da-f-]{36}$/);
  });

  test.each(['/healthz', '/nowhere', '/v1/crash'])('of %s carries the security headers', async (path) => {
    const { headers } = await api.request(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toContain('max-age');
  });
});

describe('other origins', () => {
  const from = (origin: string, options = {}, target = thingsApi({ corsOrigins: ['https://app.example'] })) =>
    target.request('/v1/things/one', { headers: { origin, 'access-control-request-method': 'POST' }, ...options });

  test('are allowed when listed, also on a problem', async () => {
    const preflight = await from('https://app.example', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://app.example',
    ]);
    const refused = await from('https://app.example', { method: 'POST' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://app.example']);
  });

  test('are not allowed otherwise', async () => {
    expect(
      (await from('https://evil.example', { method: 'OPTIONS' })).headers.get('access-control-allow-origin'),
    ).toBeNull();
    const without = await from('https://app.example', { method: 'OPTIONS' }, thingsApi());
    expect(without.headers.get('access-control-allow-origin')).toBeNull();
  });
});
