// One assignment, from its directive to its committed result: claim, ask the specialist, check, repair, settle.
//
// R1. Nothing is asked of a model before the claim is committed, and nothing counts before the result is (C2, C3).
// R2. An invalid artifact goes back to the specialist with the findings, `maxRepairs` times; a run that takes over from one that
//     died goes on with the repair where that one was.
// R6. No question is asked, repairs included, once the calls on the task's record have cost its budget.
import { databaseNow, databaseTime } from '../platform/firestore.ts';
import { randomUUID } from 'node:crypto';
import {
  agentsOf,
  answered,
  runSpecialist,
  specialistRoom,
  type Agent,
  type ExternalAgent,
  type Rejected,
} from '../agents/index.ts';
import { LlmFailure, mostTokensOf, worstCaseOf, type Gateway, type LlmCall } from '../llm/index.ts';
import { AppError } from '../platform/errors.ts';
import { mustEndBy } from './assignment-state.ts';
import { isSpent } from './budget.ts';
import { abortOnCancel } from './cancellations.firestore.ts';
import { claim, type Claim } from './claim.ts';
import { coordinationErrors } from './errors.ts';
import { dispatchExternal } from './external/dispatch-external.ts';
import { failOverdue } from './fail-overdue.ts';
import { follow } from './follow.ts';
import { failAsPoison, giveBack } from './give-back.ts';
import { inputsOf } from './inputs.ts';
import { instanceId, whileAlive } from './instance.firestore.ts';
import { callsOf } from './report.ts';
import { mayAsk } from './request-more.ts';
import type { Assignment, Directive } from './schemas.ts';
import { maxRepairs, recordSpend, settle } from './settle-assignment.ts';
import { endTrouble, tellOfSetupFaults } from './show-trouble.ts';
import { assignmentsOfTask, findTask } from './task-store.firestore.ts';

export interface RunContext {
  readonly gateway: Gateway;
  /** Id of the message that brought the directive. */
  readonly messageId: string;
  /** How long this invocation may take. */
  readonly timeoutMs: number;
}

/** Handles one directive. Throws a `later` error when the same message should come again. */
export const runAssignment = async (directive: Directive, context: RunContext): Promise<void> => {
  const { org, record } = directive;
  const agent = (await agentsOf(org)).find(({ id }) => id === record.specialist);
  if (agent && agent.kind !== 'llm' && agent.enabled) return handToAgent(directive, agent, context);
  return runOurselves(directive, agent, context);
};

/** Does the work unless the task was cancelled, with a signal that fires when it is. */
const unlessCancelled = async (
  { org, task }: Directive,
  work: (signal: AbortSignal) => Promise<void> | undefined,
): Promise<void> => {
  const controller = new AbortController();
  const watch = abortOnCancel(org, task, controller);
  try {
    await watch.begun;
    // C6: nobody may have closed what is left of the task yet.
    if (!controller.signal.aborted) await work(controller.signal);
  } finally {
    watch.stop();
  }
};

const handToAgent = (directive: Directive, agent: ExternalAgent, { messageId }: RunContext): Promise<void> =>
  unlessCancelled(directive, (signal) => dispatchExternal(agent, directive, { messageId, signal }));

const runOurselves = async (directive: Directive, agent: Agent | undefined, context: RunContext): Promise<void> => {
  const run = randomUUID();
  const owner = { instance: instanceId, run, message: context.messageId };
  const claimant = { owner, effect: 'model.answer', agentVersion: agent?.version ?? null } as const;
  const claimAndGoOn = async (signal: AbortSignal) =>
    goOn(await claim(directive, claimant, databaseTime()), { directive, agent, signal, ...context });
  await whileAlive(run, () => unlessCancelled(directive, claimAndGoOn));
};

interface Work extends RunContext {
  readonly directive: Directive;
  readonly agent: Agent | undefined;
  readonly signal: AbortSignal;
}

const goOn = (claimed: Claim, work: Work): Promise<void> | undefined => {
  switch (claimed.outcome) {
    case 'idle':
      return undefined;
    case 'late':
      return failOverdue(claimed.assignment);
    case 'over':
      return follow(claimed.assignment.value);
    case 'poison':
      return failAsPoison(claimed.held, work.directive, coordinationErrors.poison);
    case 'claimed':
      return workOn(claimed, work);
  }
};

interface Asking extends Work {
  /** Told of the calls that are on no record yet, whenever these change. */
  readonly onPaid: (calls: readonly LlmCall[]) => void;
}

const workOn = async (claimed: Extract<Claim, { outcome: 'claimed' }>, work: Work): Promise<void> => {
  const { held } = claimed;
  const { directive, signal } = work;
  let paid: readonly LlmCall[] = [];
  try {
    await requireWithinBudget(held.assignment, work);
    const onPaid = (calls: readonly LlmCall[]) => {
      paid = calls;
    };
    const hadTrouble = held.assignment.failedTries > 0;
    const delivery = await ask(claimed, { ...work, onPaid });
    paid = delivery.calls;
    await settle(held, delivery);
    if (hadTrouble) await endTrouble(held.assignment);
    await tellOfSetupFaults(held.assignment.org, delivery.calls);
  } catch (error) {
    // What was committed stands; the message comes again and does what follows from it.
    if (held.assignment.state !== 'running') throw error;
    const calls = error instanceof LlmFailure ? error.calls : paid;
    // Whoever cancelled closes the assignment; what was spent until then is all that is left to say.
    if (signal.aborted) return await recordSpend(held.assignment, calls);
    await giveBack(held, error, { directive, signal, calls });
  }
};

/** Throws `coordination.budget_exceeded`. Reads the task and its assignments if there is a budget. */
const requireWithinBudget = async (
  { org, task: id, brief }: Assignment,
  asking: Pick<Work, 'directive' | 'gateway'>,
): Promise<void> => {
  if (brief.budgetNanoUsd === null) return;
  const [task, assignments] = await Promise.all([findTask(org, id), assignmentsOfTask(org, id)]);
  if (!task) return;
  const records = assignments.map(({ value }) => value);
  const lost = records.reduce((sum, { lostCalls }) => sum + lostCalls, task.value.lostCalls);
  const lostNanoUsd = lost === 0 ? 0n : BigInt(lost) * worstCaseOfRun(asking);
  if (isSpent(brief.budgetNanoUsd, callsOf(task.value, records), lostNanoUsd))
    throw new AppError(coordinationErrors.budgetExceeded);
};

/** What a run that died may have spent on the question that it had asked: as much as the question that is about to be asked may cost. */
const worstCaseOfRun = ({ directive, gateway }: Pick<Work, 'directive' | 'gateway'>): bigint => {
  const { brief, instructions } = directive.record;
  const material = JSON.stringify([brief.title, brief.description, instructions, directive.inputs]);
  return worstCaseOf(gateway, mostTokensOf(material), { room: specialistRoom, at: databaseTime() });
};

const ask = async (
  { held, refused, repairs }: Extract<Claim, { outcome: 'claimed' }>,
  { directive, agent, gateway, signal, timeoutMs, onPaid }: Asking,
) => {
  const { assignment } = held;
  if (!agent)
    throw new AppError(coordinationErrors.agentMissing, { detail: `There is no agent "${assignment.specialist}".` });
  if (!agent.enabled) throw new AppError(coordinationErrors.agentDisabled);
  const inputs = await inputsOf(assignment, directive.inputs);
  const resumeAfter: Rejected | undefined = refused
    ? { repair: repairs, previous: refused.answer, findings: refused.findings }
    : undefined;
  return runSpecialist(
    {
      card: agent,
      assignment: { ...assignment, mayAsk: mayAsk(assignment) },
      task: assignment.brief,
      inputs: inputs.map((input) => ({ ...input, content: input.content ?? '' })),
    },
    {
      org: assignment.org,
      gateway,
      signal,
      deadlineAt: endOf(assignment, timeoutMs),
      maxRepairs,
      ...(resumeAfter && { resumeAfter }),
      refusedBefore: repairs === 0 ? [] : answered(assignment.calls).slice(-repairs),
      onRejected: async ({ repair, previous, findings }, calls) => {
        const data = { repair, findings: [...findings], calls: [...calls] };
        onPaid(calls);
        await held.repair(
          { type: 'assignment.artifact_rejected', data },
          { answer: previous, findings: [...findings] },
        );
        onPaid([]);
        await requireWithinBudget(held.assignment, { directive, gateway });
      },
    },
  );
};

/** Whatever comes first: the deadline, the assignment's own time limit, the end of this invocation. */
const endOf = (assignment: Assignment, timeoutMs: number): Date =>
  new Date(Math.min(mustEndBy(assignment).getTime(), databaseNow() + timeoutMs));
