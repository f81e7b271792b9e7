// What becomes of an external agent's output: the same checks as of a model's, the same commit, and as many repairs.
import { judgeOutput, noteAtWork, type Judgement } from '../../agents/index.ts';
import type { Finding } from '../../artifacts/index.ts';
import { cutText } from '../../platform/cut-text.ts';
import { AppError } from '../../platform/errors.ts';
import { databaseTime, isLostRace, storeErrors } from '../../platform/firestore.ts';
import { maxBodyBytes } from '../../platform/http/request-limits.ts';
import { coordinationErrors } from '../errors.ts';
import { follow } from '../follow.ts';
import type { HeldAssignment } from '../held-assignment.ts';
import { mayAsk } from '../request-more.ts';
import type { Assignment, AssignmentState } from '../schemas.ts';
import { maxRepairs, settle } from '../settle-assignment.ts';
import { standingOf, type LeasedWork } from './leased-work.ts';
import { sendNext } from './send-next.ts';

const maxTries = 5;

/** As much as an agent may deliver, by whichever way: what the API takes. */
export const maxOutputBytes = maxBodyBytes;

/** Of a refused answer this much is kept, in UTF-16 units: its record holds the findings too, and agents are only told these. */
const maxKeptLength = 64 * 1_024;

/** What an agent answers with; the text is undefined when it has more than `maxOutputBytes`. */
export interface Output {
  readonly text: string | undefined;
}

/** To a result, or to a wait for what the agent needs first: these states are reached by an output alone. */
const endings: readonly AssignmentState[] = ['succeeded', 'awaiting_approval', 'input_required', 'blocked'];

/**
 * Has an output led to this? It may have been refused for the last time, or put the work back to be claimed anew: since what it needs
 * was refused, or was given by now. What was put back for another try was given up instead.
 */
const isFromOutput = ({ state, failedTries, failure }: Assignment): boolean => {
  if (state === 'failed') return failure?.code === coordinationErrors.artifactInvalid.code;
  if (state === 'ready' || state === 'paused') return failedTries === 0;
  return endings.includes(state);
};

export type Settled =
  | { readonly outcome: 'settled'; readonly assignment: Assignment }
  /** Unless it was the last time, the lease goes on and the agent may deliver again. */
  | { readonly outcome: 'refused'; readonly findings: readonly Finding[]; readonly last: boolean };

/** Judges and commits an output. Throws what `standingOf` throws. */
export const settleOutput = async (work: LeasedWork, output: Output): Promise<Settled> => {
  const standing = await standingOf(work, isFromOutput);
  if (standing.state === 'ended') {
    // Whoever took it may have died before it did what follows from it.
    await follow(standing.assignment);
    return settledAs(standing.assignment);
  }
  await noteAtWork(work.org, work.agent, databaseTime());
  const judged = await judge(standing.held.assignment, output);
  const settled = await commitJudged(work, standing.held, { judged, output });
  if (settled.outcome === 'settled' || settled.last) await sendNext(work.org, work.agent);
  return settled;
};

/** What the output was answered that led to this (X4); of its findings the first is on record. */
const settledAs = (assignment: Assignment): Settled =>
  assignment.state === 'failed'
    ? { outcome: 'refused', findings: [{ where: '', message: assignment.failure?.detail ?? '' }], last: true }
    : { outcome: 'settled', assignment };

const judge = async (assignment: Assignment, { text }: Output): Promise<Judgement> =>
  text === undefined
    ? { outcome: 'invalid', findings: [tooLong] }
    : judgeOutput({ artifactKind: assignment.artifactKind, mayAsk: mayAsk(assignment) }, text, { org: assignment.org });

const tooLong: Finding = { where: '', message: `The answer is too long: it may have ${maxOutputBytes} bytes.` };

interface Judged {
  readonly judged: Judgement;
  readonly output: Output;
}

/** The lease may be renewed in between, so it is tried again for as long as it is held. */
const commitJudged = async (work: LeasedWork, held: HeldAssignment, answer: Judged, tries = 1): Promise<Settled> => {
  const settled = await conclude(held, answer);
  if (settled) return settled;
  if (tries === maxTries) throw new AppError(storeErrors.conflict);
  const standing = await standingOf(work, isFromOutput);
  return standing.state === 'ended'
    ? settledAs(standing.assignment)
    : commitJudged(work, standing.held, answer, tries + 1);
};

/** Undefined when the assignment was written meanwhile. */
const conclude = async (held: HeldAssignment, { judged, output }: Judged): Promise<Settled | undefined> => {
  if (judged.outcome === 'invalid' && held.effect.step < maxRepairs) return refuse(held, judged.findings, output);
  await settle(held, { ...judged, calls: [] });
  if (held.assignment.state === 'running') return undefined;
  return judged.outcome === 'invalid'
    ? { outcome: 'refused', findings: judged.findings, last: true }
    : { outcome: 'settled', assignment: held.assignment };
};

const refuse = async (
  held: HeldAssignment,
  findings: readonly Finding[],
  { text = '' }: Output,
): Promise<Settled | undefined> => {
  const data = { repair: held.effect.step + 1, findings: [...findings], calls: [] };
  const answer = cutText(text, maxKeptLength);
  try {
    await held.repair({ type: 'assignment.artifact_rejected', data }, { answer, findings: [...findings] });
    return { outcome: 'refused', findings, last: false };
  } catch (error) {
    if (isLostRace(error)) return undefined;
    throw error;
  }
};
