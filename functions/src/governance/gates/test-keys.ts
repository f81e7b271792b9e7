// A CI of tests: key pairs, and tokens signed with them.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { publicJwk, type PublicJwk } from './schemas.ts';

export interface KeyPair {
  readonly jwk: PublicJwk;
  readonly alg: 'EdDSA' | 'ES256';
  readonly privateKey: KeyObject;
}

export const ed25519 = (): KeyPair => pairOf('EdDSA', generateKeyPairSync('ed25519'));
export const p256 = (): KeyPair => pairOf('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }));

const pairOf = (alg: KeyPair['alg'], keys: { publicKey: KeyObject; privateKey: KeyObject }): KeyPair => ({
  jwk: publicJwk.parse(keys.publicKey.export({ format: 'jwk' })),
  alg,
  privateKey: keys.privateKey,
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWS in compact form; `header` replaces or adds to `{alg, kid}`. */
export const signToken = (
  { alg, privateKey }: KeyPair,
  kid: string,
  claims: unknown,
  header: Record<string, unknown> = {},
): string => {
  const text = `${encode({ alg, kid, ...header })}.${encode(claims)}`;
  const data = Buffer.from(text);
  const signature =
    alg === 'EdDSA'
      ? sign(null, data, privateKey)
      : sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
};
