import { createHmac, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../platform/errors.ts';
import { keyNamedBy, verifyToken } from './attestation-token.ts';
import { ed25519, p256, signToken, type KeyPair } from './test-keys.ts';

const now = new Date('2026-03-01T12:00:00Z');
const seconds = now.getTime() / 1_000;
const kid = 'key_0123456789abcdef0123';
const claims = {
  org: 'acme',
  task: 'tsk_00000000000000000000',
  gate: 'tests',
  status: 'passed',
  commit: 'abcdef0',
  iat: seconds - 60,
  exp: seconds + 60,
  jti: 'run-1',
};

const ed = ed25519();
const ec = p256();

/** Why the token is refused, or undefined when it holds. */
const refusalOf = (token: string, { jwk }: KeyPair = ed): string | undefined => {
  try {
    verifyToken(token, jwk, now);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'governance.attestation_invalid') throw error;
    return error.errors.map(({ detail }) => detail).join('; ');
  }
};
const withClaims = (changed: object) => signToken(ed, kid, { ...claims, ...changed });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each([
  ['EdDSA', ed],
  ['ES256', ec],
])('a token signed with %s', (_, pair) => {
  test('holds, and names its key', () => {
    const token = signToken(pair, kid, claims);
    expect(keyNamedBy(token)).toBe(kid);
    expect(verifyToken(token, pair.jwk, now)).toEqual({ ...claims, check: 'default' });
  });

  test('does not hold for another key of that kind', () => {
    const other = pair.alg === 'EdDSA' ? ed25519() : p256();
    expect(refusalOf(signToken(pair, kid, claims), other)).toBe('The signature is not that of the key.');
  });

  test('does not survive the change of any one character', () => {
    const token = signToken(pair, kid, claims);
    const changed = fc
      .tuple(fc.nat({ max: token.length - 1 }), fc.constantFrom('A', 'B', '_', '.', '='))
      .filter(([at, character]) => token[at] !== character);
    fc.assert(
      fc.property(changed, ([at, character]) => {
        expect(refusalOf(token.slice(0, at) + character + token.slice(at + 1), pair)).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('T2: the algorithm is the key’s', () => {
  test('a token that names the other one is refused, as is one that names none', () => {
    expect(refusalOf(signToken(ed, kid, claims, { alg: 'ES256' }))).toBe('The key signs with EdDSA, not ES256.');
    expect(refusalOf(signToken(ed, kid, claims, { alg: 'none' }))).toContain('The header must be');
  });

  test('a token whose MAC was made with the public key is refused', () => {
    const text = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`;
    const mac = createHmac('sha256', Buffer.from(ed.jwk.x, 'base64url')).update(text).digest('base64url');
    expect(refusalOf(`${text}.${mac}`)).toContain('The header must be');
  });

  test.each([{ crit: ['b64'] }, { b64: false }, { jwk: ed.jwk }, { kid: 'other' }, { typ: 'at+jwt' }])(
    'a header with %j is refused',
    (header) => {
      expect(refusalOf(signToken(ed, kid, claims, header))).toContain('The header must be');
    },
  );

  test('a signature in the other encoding of ES256 is refused', () => {
    const [head = '', body = ''] = signToken(ec, kid, claims).split('.');
    const der = sign('sha256', Buffer.from(`${head}.${body}`), ec.privateKey).toString('base64url');
    expect(refusalOf(`${head}.${body}.${der}`, ec)).toBe('The signature is not that of the key.');
  });
});

describe('T3: a token has one spelling', () => {
  test.each(['', '.', '..', 'a.b', 'a.b.c.d', 'not a token', '{"payload":""}'])('%j is no token', (token) => {
    expect(refusalOf(token)).toBe('It is not a JWS in compact form.');
  });

  test('a signature that decodes to the same bytes from other characters is refused', () => {
    const token = signToken(ed, kid, claims);
    // 64 bytes leave four bits of the last character unused: the next character of the alphabet stands for the same bytes.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = token.slice(0, -1) + (alphabet[alphabet.indexOf(token.at(-1) ?? '') + 1] ?? '');
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url');
    expect(bytes(twin)).toEqual(bytes(token));
    expect(refusalOf(twin)).toBe('It is not a JWS in compact form.');
  });
});

describe('T4: a token', () => {
  test.each([
    ['lives for an hour', { iat: seconds, exp: seconds + 3_600 }, undefined],
    ['lives for no longer', { iat: seconds, exp: seconds + 3_601 }, 'exp must be after iat, by an hour at most.'],
    ['does not end before it begins', { iat: seconds, exp: seconds }, 'exp must be after iat, by an hour at most.'],
    ['ends at the second that it names', { exp: seconds }, 'The token has expired.'],
    ['may be a minute early', { iat: seconds + 60, exp: seconds + 61 }, undefined],
    ['may not be earlier', { iat: seconds + 61, exp: seconds + 62 }, 'The token was issued in the future.'],
  ])('%s', (_, times, refusal) => {
    expect(refusalOf(withClaims(times))).toBe(refusal);
  });
});

describe('the claims', () => {
  test.each([
    [{ nbf: seconds + 10 }, '/nbf: is not a known field'],
    [{ gate: 'vibes' }, '/gate: must be one of: '],
    [{ exp: String(seconds + 60) }, '/exp: must be a number'],
    [{ iat: 1.5 }, '/iat: must be a whole number'],
    [{ jti: '' }, '/jti: must not be empty'],
    [{ jti: 'half \ud83d' }, '/jti: must not contain half of a surrogate pair'],
    [{ summary: 'a\0b' }, '/summary: must not contain the character NUL'],
    [{ commit: 'main' }, '/commit: must be'],
  ])('with %j do not fit', (changed, refusal) => {
    expect(refusalOf(withClaims(changed))).toContain(refusal);
  });

  test('must be an object', () => {
    expect(refusalOf(signToken(ed, kid, 'passed'))).toContain(': must be an object');
  });
});
