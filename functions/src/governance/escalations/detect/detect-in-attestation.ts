// What a statement from outside shows that somebody above must know. Pure: its draft goes into the commit that records the statement.
import { isCheckOf } from '../../gates/gates.ts';
import type { Attestation } from '../../gates/schemas.ts';
import type { EscalationDraft } from '../schemas.ts';
import { toDraft } from './draft.ts';

/** A draft for a scan that found the task's work insecure; none for any other statement. */
export const detectInAttestation = ({
  id,
  org,
  task,
  gate,
  status,
  check,
  summary,
}: Attestation): EscalationDraft[] => {
  if (gate !== 'security' || status !== 'failed' || !isCheckOf(gate, check)) return [];
  const finding = {
    trigger: 'security-vulnerability',
    severity: 'high',
    title: 'A security scan has failed',
    subject: `${task ?? org} scan ${check}`,
    occurrence: id,
    evidence: [{ source: 'attestation', ref: id, detail: `${check}: ${summary}` }],
  } as const;
  return [toDraft({ org, task }, finding)];
};
