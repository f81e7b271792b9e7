// A try that came to nothing: it is put back and tried again after a while, or the assignment has failed. What cannot be blamed on
// anybody else is poison after some tries: it is kept as a dead letter with its reason.
import { setTimeout as pause } from 'node:timers/promises';
import * as logger from 'firebase-functions/logger';
import type { LlmCall } from '../llm/index.ts';
import { AppError, describeError, type ErrorRow, platformErrors } from '../platform/errors.ts';
import { databaseNow, type Stored } from '../platform/firestore.ts';
import { mustEndBy } from './assignment-state.ts';
import { keepDeadLetter, poisonSource } from './dead-letters.ts';
import { dispatch } from './dispatch.ts';
import type { HeldAssignment } from './held-assignment.ts';
import { faultOf, longestPauseMs, retryDelayMs } from './retries.ts';
import type { Assignment, Directive, Failure } from './schemas.ts';
import { failAssignment, recordLate } from './settle-assignment.ts';
import { showTrouble, tellOfSetupFaults } from './show-trouble.ts';
import { findTask } from './task-store.firestore.ts';
import { troublesOf } from './trouble.ts';

export interface GivenBack {
  readonly directive: Directive;
  readonly signal: AbortSignal;
  /** The model calls of the try that are on no record yet. */
  readonly calls?: readonly LlmCall[];
}

/** Decides by the error whether and when there is another try; resolves once it is sent, or left to the sweeper. */
export const giveBack = async (
  held: HeldAssignment,
  error: unknown,
  { directive, signal, calls = [] }: GivenBack,
): Promise<void> => {
  const known = error instanceof AppError ? error : undefined;
  if (!known)
    logger.error('A run failed in a way that nobody foresaw', {
      ...idsOf(held.assignment),
      cause: describeError(error),
    });
  const failure = failureOf(known, calls);
  try {
    const released = await release(held, failure, { error: known, calls });
    if (released) {
      await tellOfTrouble(released.value, known, calls);
      return await sendLater(released, signal);
    }
    if (!known && (await held.stillHolds())) await keepPoison(directive, failure);
    await failAssignment(held, failure, calls);
  } catch (lost) {
    await recordLate(held.assignment, lost, calls);
  }
};

/** So that nobody has to look for the reason in the records of the work. */
const tellOfTrouble = async (
  released: Assignment,
  error: AppError | undefined,
  calls: readonly LlmCall[],
): Promise<void> => {
  await Promise.all([
    showTrouble(released, troublesOf(error, calls, released)),
    tellOfSetupFaults(released.org, calls),
  ]);
};

const idsOf = ({ org, task, id }: Assignment) => ({ org, task, assignment: id });

const failureOf = (error: AppError | undefined, calls: readonly LlmCall[]): Failure => {
  if (!error) return { code: platformErrors.internal.code, detail: platformErrors.internal.title };
  const tried = calls.map(({ provider, error: kind }) => `${provider}: ${kind ?? 'no answer'}`).join(', ');
  return { code: error.code, detail: tried === '' ? error.detail : `${error.detail} (${tried})` };
};

interface Cause {
  readonly error: AppError | undefined;
  readonly calls: readonly LlmCall[];
}

/** The assignment as it waits for its next try; undefined when there is none, or none in time. */
export const release = async (
  held: HeldAssignment,
  failure: Failure,
  { error, calls }: Cause,
): Promise<Stored<Assignment> | undefined> => {
  const fault = faultOf(error);
  if (!fault) return undefined;
  const retryAfterMs = error?.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1_000;
  const delayMs = retryDelayMs({ fault, before: held.assignment, retryAfterMs }, Math.random());
  if (delayMs === undefined) return undefined;
  const retryAt = new Date(databaseNow() + delayMs);
  if (retryAt >= mustEndBy(held.assignment)) return undefined;
  return held.end('failed', { type: 'assignment.released', data: { failure, fault, retryAt, calls: [...calls] } });
};

/** Sends it when its time has come, if that is soon; a task that ends or is paused meanwhile is left alone. */
const sendLater = async (released: Stored<Assignment>, signal: AbortSignal): Promise<void> => {
  if (await waitForTry(released.value, signal)) await sendUnlessPaused(released);
};

const msUntilTry = ({ retryAt }: Assignment): number => (retryAt?.getTime() ?? 0) - databaseNow();

/** Resolves with true at the time of its next try; at once with false when that is the sweeper's to wait for, or nobody's any more. */
export const waitForTry = async (assignment: Assignment, signal: AbortSignal): Promise<boolean> => {
  const delayMs = msUntilTry(assignment);
  if (delayMs <= 0) return true;
  if (delayMs > longestPauseMs) return false;
  await pause(delayMs, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
};

/** Sends it now, if its next try is soon: whoever gets it waits for that. */
export const sendAhead = async (released: Stored<Assignment>): Promise<void> => {
  if (msUntilTry(released.value) <= longestPauseMs) await sendUnlessPaused(released);
};

const sendUnlessPaused = async (released: Stored<Assignment>): Promise<void> => {
  const task = await findTask(released.value.org, released.value.task);
  if (task?.value.state !== 'paused') await dispatch(released);
};

/** First the letter: once the work has failed nobody comes back to write it. */
export const failAsPoison = async (
  held: HeldAssignment,
  directive: Directive,
  { code, title: detail }: ErrorRow,
): Promise<void> => {
  await keepPoison(directive, { code, detail });
  await failAssignment(held, { code, detail });
};

/** Work that fails whatever is done about it, kept for people with what it was. */
const keepPoison = async (directive: Directive, { code, detail }: Failure): Promise<void> => {
  const { org, task, assignment } = directive;
  await keepDeadLetter({
    source: poisonSource,
    // It fails once: who comes back to it has no other letter to write.
    messageId: `${task}.${assignment}`,
    payload: JSON.stringify({ org, task, assignment }),
    attributes: { org, task, assignment },
    isOurs: true,
    reason: { code, detail, errors: [] },
  });
};
