// Public keys of a CI: which curves we take, the one algorithm that each of them signs with, and how a signature is checked.
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { jsonHash } from '../../platform/hash.ts';
import { publicJwk, type PublicJwk } from './schemas.ts';

export type Algorithm = 'EdDSA' | 'ES256';

/** The key decides the algorithm, never the token. */
export const algorithmOf = ({ kty }: PublicJwk): Algorithm => (kty === 'OKP' ? 'EdDSA' : 'ES256');

/** The key as Node writes it, so that one key has one form; undefined when it is no point of its curve. */
export const canonicalJwk = (jwk: PublicJwk): PublicJwk | undefined => {
  const key = keyFrom(jwk);
  return key && publicJwk.parse(key.export({ format: 'jwk' }));
};

const keyFrom = (jwk: PublicJwk): KeyObject | undefined => {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
};

/** The key's thumbprint (RFC 7638) in hex. */
export const thumbprint = (jwk: PublicJwk): string => {
  const members = Object.entries(jwk).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return jsonHash(Object.fromEntries(members));
};

/** Does the signature over `text` come from the holder of that key? RFC 7518, section 3.4, and RFC 8037, section 3.1. */
export const isSignedBy = (jwk: PublicJwk, text: string, signature: Buffer): boolean => {
  const key = keyFrom(jwk);
  if (!key) return false;
  const data = Buffer.from(text, 'ascii');
  return jwk.kty === 'OKP'
    ? verify(null, data, key, signature)
    : verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
};
