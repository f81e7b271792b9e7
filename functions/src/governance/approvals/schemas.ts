// A request to the main coordinator for what we may not decide. A leaf.
import { z } from 'zod';
import { instant, orgId, role } from '../../platform/schemas.ts';
import { needingApproval } from '../decisions/schemas.ts';
import { gateId } from '../gates/schemas.ts';
import { decider, onSilence } from '../policy/schemas.ts';

export const approvalId = z
  .string()
  .regex(/^apr_[a-z0-9]{20}$/, 'is not an approval id')
  .brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof approvalId>;

const approvalStates = ['pending', 'approved', 'rejected', 'expired', 'withdrawn'] as const;
export const approvalState = z.enum(approvalStates);
export type ApprovalState = z.infer<typeof approvalState>;

/** What a request comes to, for those who wait for it. */
export const approvalOutcome = z.enum(['pending', 'granted', 'refused']);
export type ApprovalOutcome = z.infer<typeof approvalOutcome>;

/** What is asked for. */
export const approvalSubject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('decisions'),
    assignment: z.string(),
    decisions: z.array(needingApproval).min(1),
  }),
  /** What a task whose work is done would publish, next to what its service has accepted since the work was judged. */
  z.strictObject({ kind: z.literal('publication'), decisions: z.array(needingApproval).min(1) }),
  z.strictObject({ kind: z.literal('waiver'), gate: gateId, reason: z.string() }),
  /** A looser policy, or a new key that attests. What exactly is on record among the changes of the policy, as it names budgets. */
  z.strictObject({ kind: z.literal('security-policy-change'), loosens: z.array(z.string()).min(1) }),
]);
export type ApprovalSubject = z.infer<typeof approvalSubject>;

/** Who asked: one of the team, or a person. */
export const requester = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('agent'), id: z.string() }),
  z.strictObject({ kind: z.literal('person'), uid: z.string(), role }),
]);
export type Requester = z.infer<typeof requester>;

/** Whom a decider passed the decision on to: one person, or everybody of a role. */
export const delegate = z.union([
  z.strictObject({ uid: z.string().min(1).max(128) }),
  z.strictObject({ role: decider }),
]);
export type Delegate = z.infer<typeof delegate>;

/** Who did something, as the token said. */
export const actor = z.strictObject({ uid: z.string(), role });
export type Actor = z.infer<typeof actor>;

const decided = { by: actor, comment: z.string() };
const at = { at: instant };

/** What happened to a request, in order. */
export const approvalEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('requested'), ...at, by: requester }),
  z.strictObject({ type: z.literal('delegated'), ...at, by: actor, to: delegate }),
  z.strictObject({ type: z.literal('approved'), ...at, ...decided }),
  z.strictObject({ type: z.literal('rejected'), ...at, ...decided, rework: z.boolean() }),
  z.strictObject({ type: z.literal('reminded'), ...at }),
  z.strictObject({ type: z.literal('expired'), ...at, effect: onSilence }),
  z.strictObject({ type: z.literal('withdrawn'), ...at }),
]);
export type ApprovalEvent = z.infer<typeof approvalEvent>;

/** The decision that somebody took. `rework`: the work may be tried again, rejected as it is. */
export const approvalDecision = z.strictObject({ ...at, ...decided, rework: z.boolean() });

/** `orgs/{org}/approvals/{approval}`: a request and what became of it. */
export const approval = z.object({
  id: approvalId,
  org: orgId,
  /** Null for what concerns the org and no task. */
  task: z.string().nullable(),
  subject: approvalSubject,
  reason: z.string(),
  requestedBy: requester,
  /** The uid of whoever submitted the task, where a person did. */
  submittedBy: z.string().nullable().default(null),
  /** A hash of who asked and of their idempotency key, for requests that may be repeated under one. */
  requestKey: z.string().nullable().default(null),
  state: approvalState,
  mayDecide: z.array(decider),
  delegatedTo: delegate.nullable(),
  deadlineAt: instant,
  /** What the deadline stands for when nobody has decided by then. */
  onSilence,
  /** When those who may decide are reminded next; null when they are not. */
  remindAt: instant.nullable().default(null),
  decision: approvalDecision.nullable(),
  history: z.array(approvalEvent),
  createdAt: instant,
  /** When the sweeper looks at it; null once it is over. */
  wakeAt: instant.nullable(),
});
export type Approval = z.infer<typeof approval>;
