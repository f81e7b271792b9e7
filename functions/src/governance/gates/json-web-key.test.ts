import { describe, expect, test } from '@jest/globals';
import { attestationIdFor, keyIdFor } from './attestation-ids.ts';
import { canonicalJwk, thumbprint } from './json-web-key.ts';
import { keyRegistration, publicJwk } from './schemas.ts';
import { ed25519, p256 } from './test-keys.ts';

// RFC 8037, appendix A.2 and A.3.
const known = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;

test('the thumbprint is that of RFC 8037', () => {
  expect(Buffer.from(thumbprint(known), 'hex').toString('base64url')).toBe(
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  );
});

describe('a public key', () => {
  test('has one form, however its last bits are written', () => {
    const twin = { ...known, x: `${known.x.slice(0, -1)}p` };
    expect(canonicalJwk(twin)).toEqual(known);
    expect(canonicalJwk(p256().jwk)).toBeDefined();
  });

  test('that is no point of its curve is none', () => {
    const { jwk } = p256();
    expect(canonicalJwk({ ...jwk, x: 'A'.repeat(43) })).toBeUndefined();
  });

  test('is refused with its private part, of other curves, and in another length', () => {
    const { jwk } = ed25519();
    expect(publicJwk.safeParse({ ...jwk, d: 'A'.repeat(43) }).success).toBe(false);
    expect(publicJwk.safeParse({ ...jwk, crv: 'X25519' }).success).toBe(false);
    expect(publicJwk.safeParse({ ...jwk, x: 'A'.repeat(42) }).success).toBe(false);
    expect(publicJwk.safeParse({ kty: 'oct', k: 'c2VjcmV0' }).success).toBe(false);
  });
});

test('a registration holds its gates once each, in the order of the specification', () => {
  const parsed = keyRegistration.parse({ name: 'CI', jwk: known, gates: ['backup', 'tests', 'backup'] });
  expect(parsed.gates).toEqual(['tests', 'backup']);
});

describe('ids', () => {
  test('of keys follow from the org and the key', () => {
    expect(keyIdFor('acme', known)).toBe(keyIdFor('acme', { x: known.x, crv: known.crv, kty: known.kty }));
    expect(keyIdFor('acme', known)).not.toBe(keyIdFor('emca', known));
  });

  test('of attestations do not confuse who says what', () => {
    const ids = [
      attestationIdFor('acme', 't', 'key', ['a', 'b']),
      attestationIdFor('acme', 't', 'person', ['a', 'b']),
      attestationIdFor('acme', 't', 'key', ['ab']),
      attestationIdFor('acme', 'u', 'key', ['a', 'b']),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});
