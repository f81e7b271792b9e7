import { jsonHash } from '../../platform/hash.ts';
import { thumbprint } from './json-web-key.ts';
import type { PublicJwk } from './schemas.ts';

/** The id of a key follows from its org and the key itself: the same key is registered once. */
export const keyIdFor = (org: string, jwk: PublicJwk): string => `key_${hash([org, thumbprint(jwk)])}`;

/** The id of an attestation follows from who made it and what they call it, so that making it again meets the same record. */
export const attestationIdFor = (
  org: string,
  task: string | null,
  by: 'key' | 'person',
  name: readonly string[],
): string => `att_${hash([org, task ?? '', by, ...name])}`;

const hash = (parts: readonly string[]) => jsonHash(parts).slice(0, 20);
