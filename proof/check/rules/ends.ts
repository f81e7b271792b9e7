import { isAssignmentOver, isTaskOver, type TaskHistory } from '../history.ts';
import type { Violation } from '../violation.ts';

const states: readonly string[] = ['awaiting_approval', 'input_required', 'validating'];

/** C1: the task is over, with all that belongs to it, or waits for a named party until a deadline. */
export const unfinishedWork = ({ org, id, task, assignments, reports }: TaskHistory): Violation[] => {
  const violation = (detail: string, assignment?: string): Violation[] => [
    { invariant: 'C1', org, task: id, detail, ...(assignment === undefined ? {} : { assignment }) },
  ];
  if (!task) return violation('there are records below it, but no task');
  if (!isTaskOver(task)) {
    const waits = states.includes(task.state) && task.waits.length > 0 && task.waits.every(isComplete);
    return waits && task.wakeAt !== null ? [] : violation(`it is ${task.state} and waits for nobody`);
  }
  return [
    ...(task.wakeAt === null ? [] : violation('it is over, but the sweeper still comes for it')),
    ...(reports === 1 ? [] : violation(`it is over with ${reports} reports`)),
    ...assignments
      .filter((each) => !isAssignmentOver(each))
      .flatMap((each) => violation(`its task is over, but it is ${each.state}`, each.id)),
  ];
};

const isComplete = ({ party, onSilence }: { party: string; onSilence: string }) => party !== '' && onSilence !== '';
