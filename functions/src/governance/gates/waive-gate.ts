// Doing without a gate is not ours to decide: it is asked for, and somebody else decides. One waiver of a gate of a task is asked for at a
// time.
import { AppError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { requestKeyOf, requestOnce } from '../approvals/request-once.ts';
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
  /** The uid of whoever submitted the task, where a person did. */
  readonly submittedBy?: string | null;
  readonly idempotencyKey?: string | undefined;
  /** Why nothing new can be asked of the task. What was asked under the key before is answered all the same (C9). */
  readonly refusal?: AppError | undefined;
  readonly now: Date;
}

/**
 * Asks for a waiver; `replayed` when the same was asked under that key before. Throws `governance.key_reused` when the key was
 * used with another reason, `governance.approval_pending` while a waiver of the gate is asked for already, and the `refusal`.
 */
export const waiveGate = async (waiver: Waiver): Promise<{ approval: Approval; replayed: boolean }> => {
  const { task, gate, now, refusal } = waiver;
  const draft = await draftOf(waiver);
  const isSame = ({ requestKey, reason }: Approval): boolean => {
    if (requestKey === null || requestKey !== draft.requestKey) return false;
    if (reason !== draft.reason) throw new AppError(governanceErrors.keyReused);
    return true;
  };
  return requestOnce({ slot: ['waiver', task, gate], draft, isSame, refusal, now });
};

const draftOf = async ({ org, task, gate, reason, by: { uid, role }, submittedBy, idempotencyKey }: Waiver) => {
  const { approvals } = await policyOf(org);
  return {
    org,
    task,
    subject: { kind: 'waiver' as const, gate, reason },
    reason: `Do without "${gates[gate].title}": ${reason}`,
    requestedBy: { kind: 'person' as const, uid, role },
    submittedBy: submittedBy ?? null,
    requestKey: requestKeyOf(uid, idempotencyKey),
    // Whatever the policy says of other requests: nobody's silence waives a gate.
    policy: { ...approvals, onSilence: 'reject' as const },
  };
};
