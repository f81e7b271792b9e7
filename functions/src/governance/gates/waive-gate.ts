// Doing without a gate is not ours to decide: it is asked for, and somebody else decides.
import { randomUUID } from 'node:crypto';
import { AppError, isError } from '../../platform/errors.ts';
import { commit, storeErrors } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { newApproval } from '../approvals/approval-state.ts';
import { findApproval, requestApproval } from '../approvals/approvals.firestore.ts';
import type { Actor, Approval } from '../approvals/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { policyOf } from '../policy/policies.ts';
import { gates } from './gates.ts';
import type { GateId } from './schemas.ts';

export interface Waiver {
  readonly org: OrgId;
  readonly task: string;
  readonly gate: GateId;
  readonly reason: string;
  readonly by: Actor;
  readonly idempotencyKey?: string | undefined;
  /** Why nothing new can be asked of the task. What was asked under the key before is answered all the same (C9). */
  readonly refusal?: AppError | undefined;
  readonly now: Date;
}

/**
 * Asks for a waiver; `replayed` when the same was asked under that key before. Throws `governance.key_reused` when the key was
 * used with another reason, and the `refusal`.
 */
export const waiveGate = async (waiver: Waiver): Promise<{ approval: Approval; replayed: boolean }> => {
  const { now, refusal } = waiver;
  const draft = await draftOf(waiver);
  const wanted = newApproval(draft, now);
  if (refusal) return { approval: await sameWaiver(wanted, refusal), replayed: true };
  try {
    await commit((batch) => requestApproval(batch, draft, now));
    return { approval: wanted, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { approval: await sameWaiver(wanted, error), replayed: true };
  }
};

/** What was asked under the key before; throws `cause` when nothing was. */
const sameWaiver = async ({ org, id, reason }: Approval, cause: AppError): Promise<Approval> => {
  const stored = await findApproval(org, id);
  if (!stored) throw cause;
  if (stored.value.reason !== reason) throw new AppError(governanceErrors.keyReused, { cause });
  return stored.value;
};

const draftOf = async ({ org, task, gate, reason, by: { uid, role }, idempotencyKey }: Waiver) => {
  const { approvals } = await policyOf(org);
  return {
    org,
    key: JSON.stringify(['waiver', task, gate, uid, idempotencyKey ?? randomUUID()]),
    task,
    subject: { kind: 'waiver' as const, gate, reason },
    reason: `Do without "${gates[gate].title}": ${reason}`,
    requestedBy: { kind: 'person' as const, uid, role },
    // Whatever the policy says of other requests: nobody's silence waives a gate.
    policy: { ...approvals, onSilence: 'reject' as const },
  };
};
