// Approval requests as callers see them.
import { z } from '@hono/zod-openapi';
import { wire } from '../../../platform/http/wire.ts';
import { outcomeOf } from '../approval-state.ts';
import { approval, approvalDecision, approvalEvent, approvalOutcome, type Approval } from '../schemas.ts';

const time = z.iso.datetime();
const at = { at: time };
const [requested, delegated, approved, rejected, reminded, expired, withdrawn] = approvalEvent.options;
const eventView = z.discriminatedUnion('type', [
  requested.extend(at),
  delegated.extend(at),
  approved.extend(at),
  rejected.extend(at),
  reminded.extend(at),
  expired.extend(at),
  withdrawn.extend(at),
]);

export const approvalView = approval
  .omit({ org: true, wakeAt: true, requestKey: true })
  .extend({
    submittedBy: approval.shape.submittedBy.unwrap(),
    outcome: approvalOutcome.meta({
      description: 'What the request comes to: once it has expired, what `onSilence` stands for.',
    }),
    decision: approvalDecision.extend(at).nullable(),
    history: z.array(eventView),
    deadlineAt: time,
    remindAt: time.nullable(),
    createdAt: time,
  })
  .openapi('Approval');

export const viewApproval = ({ org: _org, wakeAt: _wakeAt, requestKey: _requestKey, ...shown }: Approval) =>
  wire({ ...shown, outcome: outcomeOf(shown) });
