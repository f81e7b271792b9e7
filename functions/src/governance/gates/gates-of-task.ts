import type { Approval } from '../approvals/schemas.ts';
import { evaluateGates, type GateCriteria } from './evaluate-gates.ts';
import { evidenceOf, evidenceOfAttestations, evidenceOfWaivers, type Deliverable } from './evidence.ts';
import type { Attestation, GateVerdict } from './schemas.ts';

/** Everything that the verdict on a task's gates follows from. */
export interface GateFacts {
  readonly deliverables: readonly Deliverable[];
  readonly attestations: readonly Attestation[];
  /** The task's approvals of any kind; the waivers among them count. */
  readonly approvals: readonly Approval[];
  /** The uid of whoever submitted the task, where a person did. */
  readonly submittedBy: string | null;
  readonly criteria: GateCriteria;
}

/** The verdict on each of the eight gates of a task. */
export const gatesOfTask = ({
  deliverables,
  attestations,
  approvals,
  submittedBy,
  criteria,
}: GateFacts): GateVerdict[] =>
  evaluateGates(
    [
      ...evidenceOf(deliverables),
      ...evidenceOfAttestations(attestations, deliverables, { submittedBy, approvals }),
      ...evidenceOfWaivers(approvals),
    ],
    criteria,
  );
