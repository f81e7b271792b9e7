// What the main coordinator is told of a request: the upward message of the specification. Pure.
import type { MessageDraft } from '../../communication/index.ts';
import type { UpwardBody } from '../../communication/schemas.ts';
import type { Approval, ApprovalSubject } from './schemas.ts';

/** Another message for each reminder. */
export const reminderOf = (approval: Approval): MessageDraft => {
  const { org, task, id, reason, history, deadlineAt, onSilence } = approval;
  const body = bodyOf(approval);
  const times = history.filter(({ type }) => type === 'reminded').length;
  const silence = `Without a decision by ${deadlineAt.toISOString()}: ${onSilence === 'pause' ? 'the task fails' : onSilence}.`;
  return {
    ...{ org, task, subject: `approvals/${id}`, kind: 'approval' },
    key: `approval ${id} reminder ${times}`,
    body: { ...body, summary: `Reminder: ${reason}`, concerns: [silence, ...body.concerns] },
  };
};

/** One message for each request. */
export const messageOfRequest = (approval: Approval): MessageDraft => {
  const { id, org, task } = approval;
  return { org, task, key: `approval ${id}`, subject: `approvals/${id}`, kind: 'approval', body: bodyOf(approval) };
};

const bodyOf = ({ id, subject, reason, deadlineAt, onSilence }: Approval): UpwardBody => ({
  agent: 'backend-coordinator',
  status: 'approval_required',
  summary: reason,
  metrics: { approval: id, asks_for: subject.kind, deadline: deadlineAt.toISOString(), on_silence: onSilence },
  concerns: concernsOf(subject),
});

const concernsOf = (subject: ApprovalSubject): string[] => {
  switch (subject.kind) {
    case 'decisions':
    case 'publication':
      return subject.decisions.map(({ decision: { kind, summary }, why }) => `${kind}: ${summary} (${why})`);
    case 'waiver':
      return [`The gate ${subject.gate} would be waived: ${subject.reason}`];
    case 'security-policy-change':
      return subject.loosens.map((what) => `It loosens ${what}`);
  }
};
