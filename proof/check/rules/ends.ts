// C1: a task is over by its deadline, with all that belongs to it, or waits for a named party until a deadline that is still to come.
import { endOf, isAssignmentOver, isTaskOver, type TaskHistory } from '../history.ts';
import type { TaskRecord } from '../records.ts';
import type { Violation } from '../violation.ts';

const states: readonly string[] = ['awaiting_approval', 'input_required', 'validating'];

/** The sweeper looks for what has passed its deadline once a minute, and what it finds takes a while. */
const lateMs = 2 * 60_000;

/** `checkedAt` is when the books were read, in milliseconds since the epoch. */
export const unfinishedWork = (history: TaskHistory, checkedAt: number): Violation[] => {
  const { org, id, task, assignments, reports } = history;
  const violation = (detail: string, assignment?: string): Violation[] => [
    { invariant: 'C1', org, task: id, detail, ...(assignment === undefined ? {} : { assignment }) },
  ];
  if (!task) return violation('there are records below it, but no task');
  if (!isTaskOver(task)) return faultsOfWaiting(task, checkedAt).flatMap((detail) => violation(detail));
  const overdueMs = (endOf(history)?.recordedAt ?? 0) - task.deadlineAt;
  return [
    ...(task.wakeAt === null ? [] : violation('it is over, but the sweeper still comes for it')),
    ...(reports === 1 ? [] : violation(`it is over with ${reports} reports`)),
    ...(overdueMs <= lateMs ? [] : violation(`it ended ${overdueMs} ms after its deadline`)),
    ...assignments
      .filter((each) => !isAssignmentOver(each))
      .flatMap((each) => violation(`its task is over, but it is ${each.state}`, each.id)),
  ];
};

const faultsOfWaiting = ({ state, waits, wakeAt, deadlineAt }: TaskRecord, checkedAt: number): string[] => {
  const isWaiting = states.includes(state) && waits.length > 0 && waits.every(isComplete) && wakeAt !== null;
  const overdueMs = checkedAt - Math.min(deadlineAt, ...waits.map((wait) => wait.deadlineAt));
  return [
    ...(isWaiting ? [] : [`it is ${state} and waits for nobody`]),
    ...(overdueMs <= lateMs ? [] : [`it is ${state}, ${overdueMs} ms after a deadline`]),
  ];
};

const isComplete = ({ party, onSilence }: { party: string; onSilence: string }) => party !== '' && onSilence !== '';
