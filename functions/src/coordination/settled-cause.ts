// Whether an escalation's cause has been settled by the work or by a decision, while nobody answered the escalation itself. Pure.
import type { Escalation } from '../governance/schemas.ts';
import type { Assignment } from './schemas.ts';

/** What of the work there must be to tell. */
type Work = Pick<Assignment, 'id' | 'state' | 'supersedes'>;

/**
 * True when everything that the escalation rests on is what assignments made, and each of these no longer counts, or was approved. What a
 * person said, and what was spent, nothing settles.
 */
export const isSettled = (
  { trigger, evidence }: Pick<Escalation, 'trigger' | 'evidence'>,
  assignments: readonly Work[],
): boolean => {
  const done = assignments.filter(({ state }) => state === 'succeeded');
  const replaced = new Set(done.map(({ supersedes }) => supersedes));
  const accepted = new Set(trigger === 'data-loss-risk' ? done.map(({ id }) => id) : []);
  const settles = (assignment: string) => replaced.has(assignment) || accepted.has(assignment);
  return evidence.length > 0 && evidence.every(({ source, ref }) => source === 'artifact' && settles(madeBy(ref)));
};

/** The evidence names an artifact, which has the id of its assignment, and a place in it. */
const madeBy = (ref: string): string => ref.split('#')[0] ?? ref;
