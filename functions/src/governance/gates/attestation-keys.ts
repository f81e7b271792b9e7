// The keys of an org's CI: registered, listed, revoked. A revoked key signs nothing new; what it signed before stays.
import { AppError, isError } from '../../platform/errors.ts';
import { commit, isLostRace, storeErrors } from '../../platform/firestore.ts';
import type { PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import type { Actor, Approval } from '../approvals/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { propose } from '../policy/change-policy.ts';
import { policyOf } from '../policy/policies.ts';
import { addChange, type NewChange } from '../policy/policy-changes.firestore.ts';
import { keyIdFor } from './attestation-ids.ts';
import { createKeyWithinLimit, findKey, markRevoked, pageOfKeys } from './attestation-keys.firestore.ts';
import { gatesAccepting } from './gates.ts';
import { canonicalJwk } from './json-web-key.ts';
import type { AttestationKey, GateId, KeyRegistration } from './schemas.ts';

/** Who registers or revokes a key. */
export interface Occasion {
  readonly by: Actor;
  readonly now: Date;
}

/**
 * Registers a public key; `replayed` when it is registered in the same way already. Throws `governance.attestation_key_unusable`
 * for a key that is no point of its curve, `governance.evidence_not_accepted` for a gate that no key can attest,
 * `governance.attestation_key_exists` when it is registered otherwise or revoked, and `governance.too_many_attestation_keys`.
 */
export const registerKey = async (
  org: OrgId,
  registration: KeyRegistration,
  occasion: Occasion,
): Promise<{ key: AttestationKey; replayed: boolean }> => {
  const key = keyFrom(org, registration, occasion);
  try {
    await createKeyWithinLimit(key, (batch) => addChange(batch, registrationOf(key)));
    return { key, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { key: await sameKey(key, error), replayed: true };
  }
};

export type KeyOutcome =
  | { readonly state: 'registered'; readonly key: AttestationKey; readonly replayed: boolean }
  /** It is registered once the request is approved. */
  | { readonly state: 'proposed'; readonly approval: Approval };

/**
 * Registers the key of a main coordinator, and asks for that of an operator, as it lets whoever holds it attest. Throws what `registerKey`
 * throws.
 */
export const registerOrProposeKey = async (
  org: OrgId,
  registration: KeyRegistration,
  occasion: Occasion,
): Promise<KeyOutcome> => {
  const key = keyFrom(org, registration, occasion);
  const known = await findKey(org, key.id);
  if (occasion.by.role === 'main-coordinator' || known) {
    return { state: 'registered', ...(await registerKey(org, registration, occasion)) };
  }
  const approval = await propose(registrationOf(key), {
    policy: await policyOf(org),
    slot: ['attestation-key', key.id, key.name, ...key.gates],
    loosened: [`attestation key "${key.name}" for ${key.gates.join(', ')}`],
    now: occasion.now,
  });
  return { state: 'proposed', approval };
};

const keyFrom = (
  org: OrgId,
  { name, jwk, gates }: KeyRegistration,
  { by: { uid, role }, now }: Occasion,
): AttestationKey => {
  requireAttestable(gates);
  const canonical = canonicalJwk(jwk);
  if (!canonical) {
    throw new AppError(governanceErrors.attestationKeyUnusable, {
      errors: [{ pointer: '#/jwk', detail: `is not a point of ${jwk.crv}` }],
    });
  }
  const id = keyIdFor(org, canonical);
  const created = { createdBy: { uid, role }, createdAt: now, revokedBy: null, revokedAt: null };
  return { id, org, name, jwk: canonical, gates, ...created };
};

const registrationOf = ({ id: key, org, name, gates, jwk, createdBy, createdAt }: AttestationKey): NewChange => ({
  org,
  step: 'made',
  subject: { kind: 'attestation-key-registered', key, name, gates, jwk },
  by: createdBy,
  approval: null,
  approvedBy: null,
  createdAt,
});

const requireAttestable = (gates: readonly GateId[]): void => {
  const attestable = gatesAccepting('attestation');
  const errors = gates
    .filter((gate) => !attestable.includes(gate))
    .map((gate) => ({ pointer: '#/gates', detail: `${gate} accepts no attestation by a key` }));
  if (errors.length === 0) return;
  throw new AppError(governanceErrors.evidenceNotAccepted, {
    detail: `A key can attest only: ${attestable.join(', ')}.`,
    errors,
  });
};

const sameKey = async (wanted: AttestationKey, cause: unknown): Promise<AttestationKey> => {
  const stored = (await findKey(wanted.org, wanted.id))?.value;
  const same = stored?.revokedAt === null && stored.name === wanted.name && stored.gates.join() === wanted.gates.join();
  if (!stored || !same) throw new AppError(governanceErrors.attestationKeyExists, { cause });
  return stored;
};

/** Throws `governance.attestation_key_not_found`. */
export const getKey = async (org: OrgId, id: string): Promise<AttestationKey> => (await found(org, id)).value;

const found = async (org: OrgId, id: string) => {
  const stored = await findKey(org, id);
  if (!stored) throw new AppError(governanceErrors.attestationKeyNotFound);
  return stored;
};

export const listKeys = async (
  org: OrgId,
  page: PageRequest,
): Promise<{ attestationKeys: AttestationKey[]; nextPageToken?: string }> => {
  const { records: attestationKeys, ...next } = await pageOfKeys(org, page);
  return { attestationKeys, ...next };
};

/** Revokes the key; one that is revoked stays as it is. Throws `governance.attestation_key_not_found`. */
export const revokeKey = async (
  org: OrgId,
  id: string,
  { by: { uid, role }, now }: Occasion,
): Promise<AttestationKey> => {
  const stored = await found(org, id);
  if (stored.value.revokedAt !== null) return stored.value;
  const revocation = { revokedBy: { uid, role }, revokedAt: now };
  try {
    await commit((batch) => {
      markRevoked(batch, stored, revocation);
      addChange(batch, {
        org,
        step: 'made',
        subject: { kind: 'attestation-key-revoked', key: id, name: stored.value.name },
        by: revocation.revokedBy,
        approval: null,
        approvedBy: null,
        createdAt: now,
      });
    });
    return { ...stored.value, ...revocation };
  } catch (error) {
    // Nothing but a revocation ever changes a key.
    if (isLostRace(error)) return getKey(org, id);
    throw error;
  }
};
