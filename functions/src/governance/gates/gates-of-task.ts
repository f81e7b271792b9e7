import type { Approval } from '../approvals/schemas.ts';
import type { OrgPolicy } from '../policy/schemas.ts';
import { evaluateGates } from './evaluate-gates.ts';
import { evidenceOf, evidenceOfAttestations, evidenceOfWaivers, type Deliverable } from './evidence.ts';
import type { Attestation, GateVerdict } from './schemas.ts';

/** Everything that the verdict on a task's gates follows from. */
export interface GateFacts {
  readonly deliverables: readonly Deliverable[];
  readonly attestations: readonly Attestation[];
  /** The task's approvals of any kind; the waivers among them count. */
  readonly approvals: readonly Approval[];
  readonly policy: Pick<OrgPolicy, 'requiredGates' | 'backupMaxAgeHours'>;
  readonly now: Date;
}

/** The verdict on each of the eight gates of a task. */
export const gatesOfTask = ({ deliverables, attestations, approvals, policy, now }: GateFacts): GateVerdict[] =>
  evaluateGates(
    [...evidenceOf(deliverables), ...evidenceOfAttestations(attestations), ...evidenceOfWaivers(approvals)],
    { required: policy.requiredGates, backupMaxAgeHours: policy.backupMaxAgeHours, now },
  );
