// An agent that keeps work from going on: switched off, out of reach, silent. Pure.
import type { OrgId } from '../../../platform/schemas.ts';
import type { EscalationDraft } from '../schemas.ts';
import { toDraft } from './draft.ts';

export const detectTrouble = (
  org: OrgId,
  { party, reason }: { readonly party: string; readonly reason: string },
  now: Date,
): EscalationDraft =>
  toDraft(
    { org, task: null },
    {
      trigger: 'third-party-failure',
      severity: 'medium',
      title: `Work waits for ${party}: ${reason}`,
      subject: party,
      // What stays so is one thing for an hour, however many assignments meet it.
      occurrence: now.toISOString().slice(0, 13),
      evidence: [{ source: 'agents', ref: party, detail: reason }],
    },
  );
