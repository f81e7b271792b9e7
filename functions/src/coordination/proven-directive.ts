// What a run goes by. A directive carries the record that its assignment is claimed by and what its predecessors made, so that the
// ordinary run reads neither. It is believed because the service signed it; a directive of anybody else names an assignment at most,
// and everything else comes from the stored record.
//
// D1. Identity, brief, budget, inputs and owner come from a stored record: the one that the service signed, or the one that is read.
// D2. A directive that is not ours starts nothing that the service would not start by itself.
import { directiveFor } from './directive.ts';
import type { Directive } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { hasUnfinishedPredecessor, taskAndAssignment } from './task-store.firestore.ts';

/** The directive to go by; undefined when there is nothing to do. Reads only when the message does not prove what it says. */
export const provenDirective = async (sent: Directive, isOurs: boolean): Promise<Directive | undefined> =>
  isOurs && isConsistent(sent) ? sent : directiveFromStore(sent);

const isConsistent = ({ org, task, assignment, epoch, record }: Directive): boolean =>
  record.org === org && record.task === task && record.id === assignment && record.epoch === epoch;

/** D2: a claim of a blocked record trusts its sender that nothing before it is unfinished. */
const directiveFromStore = async ({ org, task: id, assignment }: Directive): Promise<Directive | undefined> => {
  const [task, stored] = await taskAndAssignment(org, id, assignment);
  if (!task || !stored || isTaskOver(task.value)) return undefined;
  const isBarred = stored.value.state === 'blocked' && (await hasUnfinishedPredecessor(org, id, assignment));
  return isBarred ? undefined : directiveFor(stored, []);
};
