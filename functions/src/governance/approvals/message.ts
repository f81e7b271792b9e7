// What the main coordinator is told of a request: the upward message of the specification. Pure.
import type { MessageDraft } from '../../communication/index.ts';
import type { Approval, ApprovalSubject } from './schemas.ts';

/** One message for each request. */
export const messageOfRequest = ({
  id,
  org,
  task,
  subject,
  reason,
  deadlineAt,
  onSilence,
}: Approval): MessageDraft => ({
  org,
  task,
  key: `approval ${id}`,
  subject: `approvals/${id}`,
  kind: 'approval',
  body: {
    agent: 'backend-coordinator',
    status: 'approval_required',
    summary: reason,
    metrics: { approval: id, asks_for: subject.kind, deadline: deadlineAt.toISOString(), on_silence: onSilence },
    concerns: concernsOf(subject),
  },
});

const concernsOf = (subject: ApprovalSubject): string[] => {
  switch (subject.kind) {
    case 'decisions':
    case 'publication':
      return subject.decisions.map(({ decision: { kind, summary }, why }) => `${kind}: ${summary} (${why})`);
    case 'waiver':
      return [`The gate ${subject.gate} would be waived: ${subject.reason}`];
  }
};
