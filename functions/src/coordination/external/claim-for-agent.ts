// An external agent holds an assignment as a run of ours does: by one conditional write that raises the epoch (C2), with the intent
// of what is asked of it in the same commit (C3). Instead of a heartbeat of its instance it has a lease of its own.
import { databaseTime } from '../../platform/firestore.ts';
import { randomUUID } from 'node:crypto';
import { noteFailure, type ExternalAgent, type SpecialistId } from '../../agents/index.ts';
import type { Finding } from '../../artifacts/index.ts';
import { claim } from '../claim.ts';
import { directiveFor } from '../directive.ts';
import { coordinationErrors } from '../errors.ts';
import { failOverdue } from '../fail-overdue.ts';
import { follow } from '../follow.ts';
import { failAsPoison } from '../give-back.ts';
import type { HeldAssignment } from '../held-assignment.ts';
import { inputsOf } from '../inputs.ts';
import type { Assignment, AssignmentInput, Directive } from '../schemas.ts';
import { leaseMark } from './lease-mark.ts';
import { countHeld } from './offers.firestore.ts';
import type { AgentDirective } from './schemas.ts';

/** The name of an agent as a holder. */
export const holderOf = (agent: SpecialistId): string => `agent:${agent}`;

/** Has the agent as much as it may hold? Two that ask at the same moment may both hear no. */
export const isBusy = async ({ org, id, limits: { maxConcurrent } }: ExternalAgent): Promise<boolean> =>
  (await countHeld(org, holderOf(id), maxConcurrent)) >= maxConcurrent;

/** Did the agent let its lease of the assignment run out? */
export const hasLapsed = ({ state, owner, leaseUntil }: Assignment, agent: SpecialistId, now: Date): boolean =>
  state === 'running' && owner?.instance === holderOf(agent) && leaseUntil !== null && leaseUntil <= now;

/** What brought the work: a message, or an offer that the agent came for. */
export interface Occasion {
  readonly message?: string;
  readonly offeredAt?: Date;
}

export interface ClaimedWork {
  readonly held: HeldAssignment;
  /** The token of its lease; the records have only what it is recognised by. */
  readonly token: string;
  readonly refused: readonly Finding[];
}

/**
 * Claims the directive's assignment for the agent; undefined when there is nothing to do for it. Throws `coordination.leased` when the
 * message that brought it was delivered twice.
 */
export const claimForAgent = async (
  agent: ExternalAgent,
  directive: Directive,
  { message, offeredAt }: Occasion = {},
): Promise<ClaimedWork | undefined> => {
  const token = randomUUID();
  const owner = { instance: holderOf(agent.id), run: leaseMark(token), message: message ?? randomUUID() };
  const leaseMs = agent.limits.leaseSeconds * 1_000;
  const claimant = { owner, effect: 'agent.dispatch' as const, agentVersion: agent.version, leaseMs };
  const now = databaseTime();
  const claimed = await claim(directive, claimant, now);
  if ('before' in claimed) await noteLapse(agent, claimed.before, { offeredAt, now });
  switch (claimed.outcome) {
    case 'idle':
      return undefined;
    case 'late':
      await failOverdue(claimed.assignment);
      return undefined;
    case 'over':
      await follow(claimed.assignment.value);
      return undefined;
    case 'poison':
      await failAsPoison(claimed.held, directive, coordinationErrors.agentSilent);
      return undefined;
    case 'claimed':
      return { held: claimed.held, token, refused: claimed.refused?.findings ?? [] };
  }
};

/** Whoever offered it after the lease had run out has noted that already. */
const noteLapse = async (
  { org, id }: ExternalAgent,
  before: Assignment,
  { offeredAt, now }: { readonly offeredAt: Date | undefined; readonly now: Date },
): Promise<void> => {
  const isNoted = offeredAt && before.leaseUntil && offeredAt >= before.leaseUntil;
  if (hasLapsed(before, id, now) && !isNoted) await noteFailure(org, id, now);
};

/** What the agent is told; `sent` are inputs at hand, the others are read. */
export const directiveForAgent = async (
  { held: { assignment, effect }, token, refused }: ClaimedWork,
  sent: readonly AssignmentInput[] = [],
): Promise<AgentDirective> => {
  const { org, task, id, artifactKind, author, brief, remarks, epoch, leaseUntil } = assignment;
  const whole = directiveFor({ value: assignment, revision: '' }, await inputsOf(assignment, sent));
  return {
    coordinator: whole.coordinator,
    directive: whole.directive,
    assignments: whole.assignments,
    org,
    task,
    assignment: id,
    artifactKind,
    author,
    brief: { title: brief.title, description: brief.description, category: brief.category },
    remarks: remarks.map(({ kind, about, text }) => ({ kind, about, text })),
    refused: [...refused],
    inputs: whole.inputs,
    idempotencyKey: effect.id,
    lease: { token, epoch, expiresAt: (leaseUntil ?? databaseTime()).toISOString() },
  };
};
