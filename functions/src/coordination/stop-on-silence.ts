import type { Escalation } from '../governance/schemas.ts';
import { isTaskOver } from './task-state.ts';
import { endTask } from './finish-task.ts';
import { taskId, type Task } from './schemas.ts';
import { isSettled } from './settled-cause.ts';
import { assignmentsOfTask, findTask } from './task-store.firestore.ts';

/** Its work is done and approved, but not next to what its service has accepted since. */
const asksToPublish = ({ waits }: Task): boolean =>
  waits.some(({ kind, assignment }) => kind === 'approval' && assignment === null);

/** Nobody has reacted to an escalation whose silence means that its task stops. One whose cause is settled meanwhile stops nothing. */
export const stopOnSilence = async (escalation: Escalation): Promise<void> => {
  const { org, task, id, lapsedAt, state, defaultOnSilence } = escalation;
  if (lapsedAt === null || state !== 'open' || defaultOnSilence !== 'stop' || task === null) return;
  const found = await findTask(org, taskId.parse(task));
  if (!found || isTaskOver(found.value)) return;
  const work = (await assignmentsOfTask(org, found.value.id)).map(({ value }) => value);
  if (isSettled(escalation, work) && !asksToPublish(found.value)) return;
  await endTask(org, found.value.id, (spend) => ({
    ending: { state: 'canceled' },
    event: { type: 'task.canceled', data: { by: `silence on escalation ${id}`, spend } },
  }));
};
