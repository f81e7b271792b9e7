// A statement from outside about a gate, of a task or of the org as a whole: by a person in their own name, or by CI with a token that a
// registered key has signed.
//
// V1. Whether the caller may speak at all is settled before it is looked whether the task exists.
// V2. Nobody attests in person that a gate of what they submitted passes. Whoever asked to waive a gate may say so, but it decides nothing
//     (evidence.ts).
// V3. What is said by a key is what its token says; what the bearer of the token adds is kept as the bearer's.
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
import { isDeploymentCheck } from './deployments.ts';
import { checksOf, gates, gatesAccepting, isCheckOf } from './gates.ts';
import type { Attestation, AttestationClaims, AttestationKey, AttestationRequest } from './schemas.ts';

/** What matters of a task to whoever speaks of it. */
export interface TaskStanding {
  /** Why nothing new can be said of it. What was said before is answered all the same (C9). */
  readonly refusal?: AppError | undefined;
  /** The uid of whoever submitted it, where a person did. */
  readonly submittedBy: string | null;
}

export interface Attest {
  /** Null for what is said of the org as a whole. */
  readonly task: string | null;
  readonly request: AttestationRequest;
  readonly caller: Caller;
  /** Makes a person's attestation repeatable; a token carries its own, `jti`. */
  readonly idempotencyKey?: string | undefined;
  /** Looks the task up; throws when there is none. Left out when the caller of this function has. */
  readonly standing?: () => Promise<TaskStanding>;
  readonly now: Date;
}

const inGoodStanding = (): Promise<TaskStanding> => Promise.resolve({ submittedBy: null });

/**
 * Records what was attested; `replayed` when the same was recorded before. Throws `http.forbidden` to a person who may not,
 * `governance.evidence_not_accepted` when the gate accepts no such statement, `governance.attestation_invalid` for a token that
 * does not hold, `governance.not_yours_to_attest` to whoever passes what they submitted, and `governance.key_reused` when its `jti` or the
 * idempotency key was used for another statement; and what stands against the task.
 */
export const attest = async (attempt: Attest): Promise<{ attestation: Attestation; replayed: boolean }> => {
  const { token } = attempt.request;
  const { standing = inGoodStanding } = attempt;
  const attestation = token === undefined ? byPerson(attempt) : await byKey(attempt, token);
  const { refusal, submittedBy } = await standing();
  requireOther(attestation, submittedBy);
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

/** V2. */
const requireOther = ({ by, status }: Attestation, submittedBy: string | null): void => {
  if (by.kind !== 'person' || status !== 'passed' || by.uid !== submittedBy) return;
  throw new AppError(governanceErrors.notYoursToAttest, {
    detail: 'Whoever submitted the task does not attest in person that its gates pass.',
  });
};

const attesters: readonly Role[] = ['main-coordinator', 'operator'];

const byPerson = ({ task, request, caller, idempotencyKey, now }: Attest): Attestation => {
  const { org, uid, role } = caller;
  if (!attesters.includes(role)) {
    throw new AppError(httpErrors.forbidden, {
      detail: `Without a token the role must be one of: ${attesters.join(', ')}.`,
    });
  }
  requireAccepted({ task, request }, 'human');
  const id = attestationIdFor(org, task, 'person', [uid, idempotencyKey ?? randomUUID()]);
  const { summary = '', url = null } = request;
  const said = { check: 'default', commit: null, summary, url, by: { kind: 'person' as const, uid, role }, at: now };
  return { ...recordOf({ task, request, caller, now }, id), ...said, broughtBy: null };
};

const byKey = async (attempt: Attest, token: string): Promise<Attestation> => {
  const { task, request, caller, now } = attempt;
  const { org, uid, role } = caller;
  requireAccepted(attempt, 'attestation');
  const key = (await findKey(org, keyNamedBy(token)))?.value;
  if (!key || key.revokedAt !== null) throw invalid('The key is not registered, or is revoked.');
  const claims = verifyToken(token, key.jwk, now);
  requireAgreement(attempt, claims, key);
  requireNamed(claims);
  const { check, status, commit = null, summary = `${check}: ${status}`, url = null, iat, jti } = claims;
  const id = attestationIdFor(org, task, 'key', [key.id, jti]);
  return {
    ...recordOf({ task, request, caller, now }, id),
    ...{ check, commit, summary, url },
    by: { kind: 'key', key: key.id, name: key.name },
    broughtBy: { uid, role, summary: request.summary ?? null, url: request.url ?? null },
    at: new Date(iat * 1_000),
  };
};

const recordOf = ({ task, request: { gate, status }, caller, now }: Attest, id: string) => ({
  ...{ id, org: caller.org, task, gate, status },
  createdAt: now,
});

const requireAccepted = ({ task, request: { gate } }: Pick<Attest, 'task' | 'request'>, source: Source): void => {
  const those = gatesAccepting(source).filter((each) => task !== null || gates[each].ofOrg);
  if (those.includes(gate)) return;
  const who = source === 'human' ? 'A person' : 'A token';
  throw notAccepted(`${who} can attest only${task === null ? ' of the organisation' : ''}: ${those.join(', ')}.`);
};

type Source = 'human' | 'attestation';

/** A check is of its gate, or says where the work runs. */
const requireNamed = ({ gate, check }: AttestationClaims): void => {
  if (isCheckOf(gate, check) || isDeploymentCheck(check)) return;
  throw notAccepted(
    `"${check}" is no check for ${gate}. Its name must be, or begin with: ${checksOf(gate).join(', ')}.`,
  );
};

const notAccepted = (detail: string) =>
  new AppError(governanceErrors.evidenceNotAccepted, { detail, errors: [{ pointer: '#/gate', detail }] });

/** The token speaks of this org, task, gate and status, and its key may speak of the gate. */
const requireAgreement = ({ task, request, caller }: Attest, claims: AttestationClaims, key: AttestationKey): void => {
  const { gate, status } = request;
  const stated: Record<string, string | null> = { org: caller.org, task, gate, status };
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
