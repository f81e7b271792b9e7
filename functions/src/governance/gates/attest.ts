// A statement from outside about a gate of a task: by a person in their own name, or by CI with a token that a registered key
// has signed. The caller has made sure that the task exists.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError, isError } from '../../platform/errors.ts';
import { storeErrors } from '../../platform/firestore.ts';
import type { Caller } from '../../platform/http/env.ts';
import { httpErrors } from '../../platform/http/errors.ts';
import type { Role } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { detectInAttestation } from '../escalations/detect/detect-in-attestation.ts';
import { addSignal } from '../escalations/signals.firestore.ts';
import { attestationIdFor } from './attestation-ids.ts';
import { findKey } from './attestation-keys.firestore.ts';
import { keyNamedBy, verifyToken } from './attestation-token.ts';
import { createAttestation, findAttestation } from './attestations.firestore.ts';
import { acceptanceOf, gatesAccepting } from './gates.ts';
import type { Attestation, AttestationClaims, AttestationKey, AttestationRequest } from './schemas.ts';

export interface Attest {
  readonly task: string;
  readonly request: AttestationRequest;
  readonly caller: Caller;
  /** Makes a person's attestation repeatable; a token carries its own, `jti`. */
  readonly idempotencyKey?: string | undefined;
  /** Why nothing new can be attested of the task. What was attested before is answered all the same (C9). */
  readonly refusal?: AppError | undefined;
  readonly now: Date;
}

/**
 * Records what was attested; `replayed` when the same was recorded before. Throws `http.forbidden` to a person who may not,
 * `governance.evidence_not_accepted` when the gate accepts no such statement, `governance.attestation_invalid` for a token that
 * does not hold, and `governance.key_reused` when its `jti` or the idempotency key was used for another statement; and the
 * `refusal`.
 */
export const attest = async (attempt: Attest): Promise<{ attestation: Attestation; replayed: boolean }> => {
  const { token } = attempt.request;
  const attestation = token === undefined ? byPerson(attempt) : await byKey(attempt, token);
  const { refusal } = attempt;
  if (refusal) return { attestation: await sameStatement(attestation, refusal), replayed: true };
  try {
    await createAttestation(attestation, (batch) => {
      for (const alarm of detectInAttestation(attestation)) addSignal(batch, alarm, attempt.now);
    });
    return { attestation, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { attestation: await sameStatement(attestation, error), replayed: true };
  }
};

const attesters: readonly Role[] = ['main-coordinator', 'operator'];

const byPerson = ({ task, request, caller, idempotencyKey, now }: Attest): Attestation => {
  const { org, uid, role } = caller;
  if (!attesters.includes(role)) {
    throw new AppError(httpErrors.forbidden, {
      detail: `Without a token the role must be one of: ${attesters.join(', ')}.`,
    });
  }
  requireAccepted(request, 'human');
  const id = attestationIdFor(org, task, 'person', [uid, idempotencyKey ?? randomUUID()]);
  const said = { check: 'default', commit: null, by: { kind: 'person' as const, uid, role }, at: now };
  return { ...recordOf({ task, request, caller, now }, id), ...said };
};

const byKey = async (attempt: Attest, token: string): Promise<Attestation> => {
  const { task, request, caller, now } = attempt;
  requireAccepted(request, 'attestation');
  const key = (await findKey(caller.org, keyNamedBy(token)))?.value;
  if (!key || key.revokedAt !== null) throw invalid('The key is not registered, or is revoked.');
  const claims = verifyToken(token, key.jwk, now);
  requireAgreement(attempt, claims, key);
  const id = attestationIdFor(caller.org, task, 'key', [key.id, claims.jti]);
  return {
    ...recordOf({ task, request, caller, now }, id),
    check: claims.check,
    commit: claims.commit ?? null,
    by: { kind: 'key', key: key.id, name: key.name },
    at: new Date(claims.iat * 1_000),
  };
};

const recordOf = ({ task, request, caller, now }: Attest, id: string) => {
  const { gate, status, summary, url = null } = request;
  return { id, org: caller.org, task, gate, status, summary, url, createdAt: now };
};

const requireAccepted = ({ gate }: AttestationRequest, source: 'human' | 'attestation'): void => {
  if (acceptanceOf(gate, source)) return;
  const those = gatesAccepting(source).join(', ');
  const detail = source === 'human' ? `A person can attest only: ${those}.` : `A token can attest only: ${those}.`;
  throw new AppError(governanceErrors.evidenceNotAccepted, { detail, errors: [{ pointer: '#/gate', detail }] });
};

/** The token speaks of this org, task, gate and status, and its key may speak of the gate. */
const requireAgreement = ({ task, request, caller }: Attest, claims: AttestationClaims, key: AttestationKey): void => {
  const { gate, status } = request;
  const stated: Record<string, string> = { org: caller.org, task, gate, status };
  const differing = Object.keys(stated).filter((name) => claims[name as keyof AttestationClaims] !== stated[name]);
  if (differing.length > 0) throw invalid(`The token is about another ${differing.join(' and ')}.`);
  if (!key.gates.includes(gate)) throw invalid(`The key may not attest ${gate}.`);
};

const invalid = (detail: string) =>
  new AppError(governanceErrors.attestationInvalid, { detail, errors: [{ pointer: '#/token', detail }] });

/** What was attested before; throws `cause` when nothing was. */
const sameStatement = async (wanted: Attestation, cause: AppError): Promise<Attestation> => {
  const stored = await findAttestation(wanted.org, wanted.task, wanted.id);
  if (!stored) throw cause;
  if (!isDeepStrictEqual(essence(stored), essence(wanted))) {
    const name = wanted.by.kind === 'key' ? '`jti` of the token' : 'idempotency key';
    throw new AppError(governanceErrors.keyReused, { detail: `The ${name} was used for another statement.`, cause });
  }
  return stored;
};

/** What makes two requests the same statement: what the key signed, or all that the person said. */
const essence = ({ gate, status, check, commit, at, summary, url, by }: Attestation) =>
  by.kind === 'key' ? { gate, status, check, commit, at } : { gate, status, summary, url };
