// One assignment, from its directive to its committed result: claim, ask the specialist, check, repair, commit, send successors.
//
// R1. Nothing is asked of a model before the claim is committed, and nothing counts before the result is (C2, C3).
// R2. An invalid artifact goes back to the specialist with the findings, `maxRepairs` times.
// R3. The result, the artifact, the scratchpad entry and the events are one commit.
// R4. Every model call made is recorded, also when its result came too late.
import { createHash, randomUUID } from 'node:crypto';
import { roleCardOf, runSpecialist, type SpecialistDelivery } from '../agents/index.ts';
import { LlmFailure, type Gateway, type LlmCall } from '../llm/index.ts';
import { AppError, isError } from '../platform/errors.ts';
import { isLostRace, storeErrors, type Stored } from '../platform/firestore.ts';
import { writeEntry, type Notes } from '../scratchpads/index.ts';
import { abortOnCancel } from './cancellations.firestore.ts';
import { assignmentChange, type AssignmentChange } from './changes.ts';
import { claim } from './claim.ts';
import { inputFrom } from './directive.ts';
import { dispatchSuccessors } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { extendPlan, type Extension } from './extend-plan.ts';
import { failTaskOf, finishTask } from './finish-task.ts';
import { instanceId, whileAlive } from './instance.firestore.ts';
import type { Artifact, Assignment, AssignmentEventBody, AssignmentInput, Directive, Failure } from './schemas.ts';
import { artifactsById, findAssignment, hasUnfinishedAssignment, saveTask } from './task-store.firestore.ts';

const maxRepairs = 2;
const maxCommitTries = 5;

export interface RunContext {
  readonly gateway: Gateway;
  /** Id of the message that brought the directive. */
  readonly messageId: string;
  /** How long this invocation may take. */
  readonly timeoutMs: number;
}

/** Handles one directive. Throws a `later` error when the same message should come again. */
export const runAssignment = async (directive: Directive, context: RunContext): Promise<void> => {
  const run = randomUUID();
  const controller = new AbortController();
  await whileAlive(run, async () => {
    const claimed = await claim(directive, { instance: instanceId, run, message: context.messageId }, new Date());
    if (claimed.outcome === 'idle') return;
    if (claimed.outcome === 'over') return follow(claimed.assignment.value, []);
    const stopWatching = abortOnCancel(directive.org, directive.task, controller);
    try {
      await work(new Run(claimed.assignment), directive.inputs, { ...context, signal: controller.signal });
    } finally {
      stopWatching();
    }
  });
};

/** The record of a claimed assignment as this run has written it; every write is refused once another run has claimed it. */
class Run {
  #stored: Stored<Assignment>;

  constructor(stored: Stored<Assignment>) {
    this.#stored = stored;
  }

  get assignment(): Assignment {
    return this.#stored.value;
  }

  /** Looks again whether the claim is this run's. */
  async stillHolds(): Promise<boolean> {
    const { org, task, id, epoch, seq } = this.assignment;
    const current = await findAssignment(org, task, id);
    return current?.value.epoch === epoch && current.value.seq === seq;
  }

  async append(event: AssignmentEventBody, withIt: CommitExtras = {}): Promise<Assignment> {
    const { org, task: id } = this.assignment;
    const change = assignmentChange(this.#stored, [event], new Date());
    const { others = [], ...rest } = withIt;
    const revision = await saveTask({ org, id, assignments: [change, ...others], ...rest });
    this.#stored = { value: change.after, revision };
    return change.after;
  }
}

type CommitExtras = Omit<Parameters<typeof saveTask>[0], 'org' | 'id' | 'assignments'> & {
  others?: readonly AssignmentChange[];
};

const work = async (
  run: Run,
  inputs: readonly AssignmentInput[],
  context: RunContext & { signal: AbortSignal },
): Promise<void> => {
  try {
    const delivery = await ask(run, await withContent(run.assignment, inputs), context);
    await settle(run, delivery);
  } catch (error) {
    if (!(error instanceof LlmFailure)) throw error;
    // Whoever cancelled closes the assignment; what was spent until then is all that is left to say.
    if (context.signal.aborted) return recordSpend(run.assignment, error.calls);
    await giveBack(run, error, error.calls);
  }
};

/** Inputs too large for a message, and those of a message sent before they existed, are read. */
const withContent = async ({ org, task, dependsOn }: Assignment, sent: readonly AssignmentInput[]) => {
  const given = sent.filter((input) => input.content !== null && dependsOn.includes(input.assignment));
  const missing = dependsOn.filter((id) => !given.some((input) => input.assignment === id));
  return [...given, ...(await artifactsById(org, task, missing)).map(inputFrom)];
};

const ask = (
  run: Run,
  inputs: readonly AssignmentInput[],
  { gateway, signal, timeoutMs }: RunContext & { signal: AbortSignal },
): Promise<SpecialistDelivery> => {
  const { specialist, brief, deadlineAt, ...assignment } = run.assignment;
  const invocationEnds = new Date(Date.now() + timeoutMs);
  return runSpecialist(
    {
      card: roleCardOf(specialist),
      assignment,
      task: brief,
      inputs: inputs.map((input) => ({ ...input, content: input.content ?? '' })),
    },
    {
      gateway,
      signal,
      deadlineAt: deadlineAt < invocationEnds ? deadlineAt : invocationEnds,
      maxRepairs,
      onRejected: async (repair, findings, calls) => {
        const data = { repair, findings: [...findings], calls: [...calls] };
        await run.append({ type: 'assignment.artifact_rejected', data });
      },
    },
  );
};

/** Commits the outcome, again if only the plan around it changed meanwhile. */
const settle = async (run: Run, delivery: SpecialistDelivery, tries = 1): Promise<void> => {
  try {
    if (delivery.outcome === 'delivered') return await succeed(run, delivery);
    const [first] = delivery.findings;
    const detail = first ? `${first.where}: ${first.message}` : coordinationErrors.artifactInvalid.title;
    await fail(run, { code: coordinationErrors.artifactInvalid.code, detail }, delivery.calls);
  } catch (error) {
    if (isError(error, storeErrors.conflict) && tries < maxCommitTries && (await run.stillHolds())) {
      return settle(run, delivery, tries + 1);
    }
    await recordLate(run.assignment, error, delivery.calls);
  }
};

const succeed = async (run: Run, { output, check, calls }: Extract<SpecialistDelivery, { outcome: 'delivered' }>) => {
  const { assignment } = run;
  const now = new Date();
  const extension = check.verdict === 'changes-needed' ? await extendPlan(assignment, now) : undefined;
  const artifact = artifactOf(assignment, output.artifact, now);
  const done = await run.append(
    {
      type: 'assignment.succeeded',
      data: {
        result: {
          artifact: artifact.id,
          title: artifact.title,
          summary: output.summary,
          metrics: check.metrics,
          verdict: check.verdict,
          concerns: [...check.concerns, ...output.concerns],
        },
        successors: extension?.successors ?? assignment.successors,
        notes: output.notes,
        calls: [...calls],
      },
    },
    {
      artifact,
      also: (batch) => writeEntry(batch, entryOf(assignment, output.notes, now)),
      ...extensionWrites(extension),
    },
  );
  await follow(done, [artifact]);
};

const entryOf = ({ org, task, id, ordinal, specialist, epoch }: Assignment, notes: Notes, writtenAt: Date) => ({
  org,
  task,
  assignment: id,
  ordinal,
  specialist,
  epoch,
  notes,
  writtenAt,
});

const extensionWrites = (extension: Extension | undefined) =>
  extension ? { task: extension.task, others: extension.assignments } : {};

const artifactOf = (
  { id, org, task, artifactKind, specialist, epoch }: Assignment,
  { title, content }: { title: string; content: string },
  createdAt: Date,
): Artifact => ({
  id,
  org,
  task,
  kind: artifactKind,
  title,
  content,
  sha256: createHash('sha256').update(content).digest('hex'),
  specialist,
  epoch,
  createdAt,
});

/** What comes after an assignment that is over. Safe to do again: a redelivered message ends up here. */
const follow = async (done: Assignment, made: readonly Artifact[]): Promise<void> => {
  const { org, task, state } = done;
  if (state === 'failed') return failTaskOf(done);
  if (state !== 'succeeded') return;
  await dispatchSuccessors(done, made);
  if (done.successors.length > 0) return;
  if (done.last || !(await hasUnfinishedAssignment(org, task))) await finishTask(org, task, new Date());
};

const fail = async (run: Run, failure: Failure, calls: readonly LlmCall[]): Promise<void> =>
  follow(await run.append({ type: 'assignment.failed', data: { failure, calls: [...calls] } }), []);

/** No provider answered: try again later while that can help, otherwise the assignment has failed. */
const giveBack = async (run: Run, error: AppError, calls: readonly LlmCall[]): Promise<void> => {
  const tried = calls.map(({ provider, error: kind }) => `${provider}: ${kind ?? 'no answer'}`).join(', ');
  const failure = { code: error.code, detail: tried === '' ? error.detail : `${error.detail} (${tried})` };
  const again = error.row.retry === 'later' && run.assignment.deadlineAt > new Date();
  try {
    if (!again) return await fail(run, failure, calls);
    await run.append({ type: 'assignment.released', data: { failure, calls: [...calls] } });
  } catch (lost) {
    return recordLate(run.assignment, lost, calls);
  }
  throw new AppError(coordinationErrors.providersBusy, {
    cause: error,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  });
};

const maxLateTries = 5;

/** The run lost its claim: its result is refused, but what it spent was spent (R4). Any other error goes on. */
const recordLate = async (lost: Assignment, error: unknown, calls: readonly LlmCall[]): Promise<void> => {
  if (!isLostRace(error)) throw error;
  await recordSpend(lost, calls);
};

const recordSpend = async (lost: Assignment, calls: readonly LlmCall[]): Promise<void> => {
  const { org, task, id } = lost;
  for (let tries = 0; tries < maxLateTries && calls.length > 0; tries++) {
    const stored = await findAssignment(org, task, id);
    if (!stored) return;
    const accounted = { type: 'assignment.spend_recorded' as const, data: { epoch: lost.epoch, calls: [...calls] } };
    try {
      await saveTask({ org, id: task, assignments: [assignmentChange(stored, [accounted], new Date())] });
      return;
    } catch (again) {
      if (!isLostRace(again)) throw again;
    }
  }
};
