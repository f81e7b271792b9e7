import type { Escalation } from '../governance/schemas.ts';
import { isTaskOver } from './task-state.ts';
import { endTask } from './finish-task.ts';
import { taskId } from './schemas.ts';
import { findTask } from './task-store.firestore.ts';

/** Nobody has reacted to an escalation whose silence means that its task stops. */
export const stopOnSilence = async ({
  org,
  task,
  id,
  lapsedAt,
  state,
  defaultOnSilence,
}: Escalation): Promise<void> => {
  if (lapsedAt === null || state !== 'open' || defaultOnSilence !== 'stop' || task === null) return;
  const found = await findTask(org, taskId.parse(task));
  if (!found || isTaskOver(found.value)) return;
  await endTask(org, found.value.id, (spend) => ({
    ending: { state: 'canceled' },
    event: { type: 'task.canceled', data: { by: `silence on escalation ${id}`, spend } },
  }));
};
