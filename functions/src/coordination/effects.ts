// The ledger of effects that cannot be taken back (C3), pure: what a model or an external agent was asked, by whom, and how it ended.
//
// L1. An effect is recorded as `intended` in a commit before it is started, and its end in the commit of what follows from it.
// L2. Its id follows from what it is for: a run that does the same step again meets the record of the first.
// L3. One that was intended and never ended is `unknown`: whoever takes over starts it again, but only so many times.
import { z } from 'zod';
import { finding } from '../artifacts/schemas.ts';
import { jsonHash } from '../platform/hash.ts';
import { instant, orgId } from '../platform/schemas.ts';
import { canonical } from './ids.ts';
import { assignmentId, taskId, type Assignment } from './schemas.ts';

export const effectKinds = ['model.answer', 'agent.dispatch'] as const;
export type EffectKind = (typeof effectKinds)[number];

const effectStates = ['intended', 'done', 'failed', 'unknown'] as const;

/** `orgs/{org}/tasks/{task}/effects/{id}`. */
export const effect = z.object({
  id: z.string(),
  org: orgId,
  task: taskId,
  assignment: assignmentId,
  kind: z.enum(effectKinds),
  /** 0 for the work itself, n for its nth repair. */
  step: z.int().nonnegative(),
  state: z.enum(effectStates),
  /** The claim under which it was last started. */
  epoch: z.int(),
  /** How often it was started without anybody knowing how that ended. */
  unknownTries: z.int(),
  /** An answer that could not be used, and why: the repair goes on from there. */
  refused: z.object({ answer: z.string(), findings: z.array(finding) }).nullable(),
  intendedAt: instant,
  endedAt: instant.nullable(),
});
export type Effect = z.infer<typeof effect>;

/** An effect as a list has it: a refused answer may be as large as a document can be. */
export const listedEffect = effect.omit({ refused: true });
export type ListedEffect = z.infer<typeof listedEffect>;

/** L2: the input is what the record alone says; what predecessors made is fixed once they have succeeded. */
export const effectId = (assignment: Assignment, kind: EffectKind, step: number): string => {
  const { org, task, id, specialist, instructions, dependsOn, remarks } = assignment;
  const input = canonical({ specialist, instructions, dependsOn, remarks });
  return jsonHash([org, task, id, kind, step, input]).slice(0, 32);
};

/** The record of an effect that is about to be started under the assignment's present epoch. */
export const intended = (assignment: Assignment, kind: EffectKind, step: number, at: Date): Effect => ({
  id: effectId(assignment, kind, step),
  org: assignment.org,
  task: assignment.task,
  assignment: assignment.id,
  kind,
  step,
  state: 'intended',
  epoch: assignment.epoch,
  unknownTries: 0,
  refused: null,
  intendedAt: at,
  endedAt: null,
});

/** What a run that takes over does about the effects of the one that died. */
export type Reconciled =
  /** Nothing is known to have happened that matters: start the step, again if need be. */
  | { readonly outcome: 'start'; readonly effect: Effect }
  /** It was started so often without an answer that the work itself must be what kills the runs. */
  | { readonly outcome: 'give-up'; readonly effect: Effect };

/**
 * Neither a provider nor an agent can be asked what became of a request, so it is made again: an agent knows it by its id, a model's
 * answer is paid for twice. Work that happens to be there when others kill their instances has bad luck a few times in a row.
 */
const maxUnknownTries = 10;

/** The step to go on with: the last one on record, its refusals kept, or the first. */
export const reconcile = (assignment: Assignment, kind: EffectKind, known: readonly Effect[], at: Date): Reconciled => {
  const ofKind = known.filter((each) => each.kind === kind && each.id === effectId(assignment, kind, each.step));
  const last = ofKind.toSorted((a, b) => a.step - b.step).at(-1);
  if (!last) return { outcome: 'start', effect: intended(assignment, kind, 0, at) };
  const unknownTries = last.unknownTries + (last.state === 'intended' ? 1 : 0);
  const again: Effect = {
    ...last,
    state: 'intended',
    epoch: assignment.epoch,
    unknownTries,
    intendedAt: at,
    endedAt: null,
  };
  if (unknownTries < maxUnknownTries) return { outcome: 'start', effect: again };
  return { outcome: 'give-up', effect: { ...again, state: 'unknown', endedAt: at } };
};
