// Gives an assignment to an agent that is not a model of ours: by its topic, by a signed POST, or by an offer that it comes for.
//
// H1. What is sent carries a lease. It is claimed before it is sent, so a message that comes late or twice holds a lease that is lost.
// H2. An agent that cannot be reached loses the claim at once, and the work is tried again after a while.
// H3. An agent that has its hands full is sent nothing: the work waits as an offer, the most urgent first.
// H4. Work that was given back is neither sent nor offered before the time of its next try.
// H5. A lease that ran out is a failure of its holder, noted once: by the claim that ends it, or by the first offer of the work to an
//     agent that may never ask again.
import { databaseTime } from '../../platform/firestore.ts';
import { agentErrors } from '../../agents/errors.ts';
import { noteFailure, signingSecretOf, type ExternalAgent } from '../../agents/index.ts';
import { webhookAllowPrivate } from '../../config.ts';
import { AppError } from '../../platform/errors.ts';
import { publish } from '../../platform/pubsub.ts';
import { postWebhook, type WebhookReply } from '../../platform/webhook.ts';
import { giveBack, waitForTry } from '../give-back.ts';
import type { Assignment, Directive } from '../schemas.ts';
import { findAssignment } from '../task-store.firestore.ts';
import { claimForAgent, directiveForAgent, hasLapsed, isBusy, type ClaimedWork } from './claim-for-agent.ts';
import { noEnding, standingOf } from './leased-work.ts';
import { offerWork } from './offers.firestore.ts';
import type { AgentDirective } from './schemas.ts';
import { maxOutputBytes, settleOutput, type Output } from './settle-output.ts';

/** Whoever needs longer answers 202 and delivers later. */
const webhookTimeoutMs = 30_000;

export interface DispatchContext {
  /** Id of the message that brought the directive. */
  readonly messageId: string;
  readonly signal: AbortSignal;
}

type Reachable = Exclude<ExternalAgent, { kind: 'pull' }>;
type WebhookAgent = Extract<ExternalAgent, { kind: 'webhook' }>;

/** Claims the directive's assignment for the agent and sends it. Throws `coordination.leased`: the message should come again. */
export const dispatchExternal = async (
  agent: ExternalAgent,
  directive: Directive,
  { messageId, signal }: DispatchContext,
): Promise<void> => {
  if (!(await waitForTry(directive.record, signal))) return;
  if (agent.kind === 'pull') return offerToAsking(agent, directive.record);
  if (await isBusy(agent)) {
    await offerWork(directive.record, databaseTime());
    return;
  }
  let work = await claimForAgent(agent, directive, { message: messageId });
  while (work) {
    const { held } = work;
    try {
      work = await handOver(agent, work, await directiveForAgent(work, directive.inputs));
    } catch (error) {
      return giveBack(held, error, { directive, signal });
    }
  }
};

/** H5. The record that came with the message may be old, so the stored one says whose lease ran out. */
const offerToAsking = async ({ org, id }: ExternalAgent, record: Assignment): Promise<void> => {
  const now = databaseTime();
  const isNew = await offerWork(record, now);
  if (!isNew || record.state !== 'running') return;
  const stored = await findAssignment(org, record.task, record.id);
  if (stored && hasLapsed(stored.value, id, now)) await noteFailure(org, id, now);
};

/** Sends it; when the answer is an output that was refused, the work as it must be sent again. */
const handOver = async (
  agent: Reachable,
  { held, token }: ClaimedWork,
  message: AgentDirective,
): Promise<ClaimedWork | undefined> => {
  const output = await reach(agent, message);
  if (!output) return undefined;
  const { org, task, id } = held.assignment;
  const leased = { org, agent: agent.id, task, assignment: id, lease: message.lease };
  const settled = await settleOutput(leased, output);
  if (settled.outcome === 'settled' || settled.last) return undefined;
  const standing = await standingOf(leased, noEnding);
  return standing.state === 'held' ? { held: standing.held, token, refused: settled.findings } : undefined;
};

/** What the agent answers with, if it has done the work at once. Throws `agents.unreachable`, `webhook.forbidden_address`. */
const reach = async (agent: Reachable, message: AgentDirective): Promise<Output | undefined> => {
  try {
    if (agent.kind === 'pubsub') return await send(agent.transport.topic, message);
    const { status, body } = await call(agent, message);
    return status === 200 ? { text: body } : undefined;
  } catch (error) {
    await noteFailure(agent.org, agent.id, databaseTime());
    throw error;
  }
};

const send = async (topic: string, message: AgentDirective): Promise<undefined> => {
  const { org, task, assignment, idempotencyKey } = message;
  try {
    await publish(topic, message, { org, task, assignment, idempotencyKey });
  } catch (cause) {
    throw new AppError(agentErrors.unreachable, { detail: `Nothing can be published to ${topic}.`, cause });
  }
};

const call = async ({ org, id, transport, limits }: WebhookAgent, message: AgentDirective): Promise<WebhookReply> => {
  const reply = await postWebhook({
    url: transport.url,
    secret: await signingSecretOf(org, id),
    deliveryId: `${message.idempotencyKey}.${message.lease.epoch}`,
    body: JSON.stringify(message),
    now: databaseTime(),
    timeoutMs: Math.min(webhookTimeoutMs, limits.leaseSeconds * 1_000),
    maxReplyBytes: maxOutputBytes,
    allowPrivate: webhookAllowPrivate.value(),
  });
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw new AppError(agentErrors.unreachable, {
    detail: `It answered ${reply.status}.`,
    ...(reply.retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(reply.retryAfterMs / 1_000) }),
  });
};
