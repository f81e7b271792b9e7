// What is said between the service and the external agents of an org.
import { z } from 'zod';
import { specialistId } from '../../agents/schemas.ts';
import { finding } from '../../artifacts/schemas.ts';
import { instant, orgId } from '../../platform/schemas.ts';
import { assignment, assignmentId, directive, remark, taskId } from '../schemas.ts';

/** Names one claim: what only its holder was told, and the epoch that every later claim raises. */
export const lease = z.strictObject({ token: z.string().min(1).max(100), epoch: z.int().positive() });
export type Lease = z.infer<typeof lease>;

export const runningLease = lease.extend({ expiresAt: z.iso.datetime() });
export type RunningLease = z.infer<typeof runningLease>;

/**
 * The downward message to an external agent, whichever way it is sent: the specification's directive, one assignment each, with
 * all that the work needs. Inputs without content are too large for a message: they are read as artifacts of the task.
 */
export const agentDirective = directive
  .pick({
    coordinator: true,
    directive: true,
    assignments: true,
    org: true,
    task: true,
    assignment: true,
    inputs: true,
  })
  .extend({
    artifactKind: assignment.shape.artifactKind,
    /** Whose words the title and the instructions are. */
    author: assignment.shape.author,
    brief: assignment.shape.brief.pick({ title: true, description: true, category: true }),
    remarks: z.array(remark.pick({ kind: true, about: true, text: true })),
    /** Why the agent's last output for it was refused. */
    refused: z.array(finding),
    /** The same for every claim of this work: an agent that acts on the outside acts once for it. */
    idempotencyKey: z.string(),
    lease: runningLease,
  });
export type AgentDirective = z.infer<typeof agentDirective>;

/** `orgs/{org}/offers/{task}.{assignment}`: work that waits for an agent to come and take it. */
export const offer = z.object({
  org: orgId,
  agent: specialistId,
  task: taskId,
  assignment: assignmentId,
  /** 0 is the most urgent. */
  rank: z.int().nonnegative(),
  offeredAt: instant,
});
export type Offer = z.infer<typeof offer>;
