// What keeps work from going on is shown in the task's waits, and told upward at once. It is a help to people and no part of the work: it
// neither fails nor holds up anything, and what a crash leaves unshown the next failed try, or the sweeper, shows.
import * as logger from 'firebase-functions/logger';
import { detectInCalls, detectTrouble, raiseEach } from '../governance/index.ts';
import { isSetupFault, type LlmCall } from '../llm/index.ts';
import { describeError } from '../platform/errors.ts';
import { databaseTime } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { taskChange } from './changes.ts';
import { onConflict } from './on-conflict.ts';
import type { Assignment, Task, TaskEventBody, Wait } from './schemas.ts';
import { isTaskUnderWay } from './task-state.ts';
import { findTask, saveTask } from './task-store.firestore.ts';
import { endedTroubles, unshown, waitFor, type Trouble } from './trouble.ts';

type InTask = Pick<Assignment, 'org' | 'task'>;

/** Shows who an assignment waits for until its next try. Never fails. */
export const showTrouble = async (waiting: Assignment, troubles: readonly Trouble[]): Promise<void> => {
  if (troubles.length === 0) return;
  const wanted = troubles.map((trouble) => waitFor(trouble, waiting));
  await changeWaits(waiting, (task, now) =>
    unshown(task, wanted, now).map((wait) => ({ type: 'task.waiting', data: { wait } })),
  );
  const now = databaseTime();
  const ofAgents = troubles.filter(({ kind }) => kind === 'agent');
  await raiseEach(
    ofAgents.map((trouble) => detectTrouble(waiting.org, trouble, now)),
    now,
  );
};

/** Ends the waits for parties that an assignment had trouble with, as it has its answer. Never fails. */
export const endTrouble = (answered: Assignment): Promise<void> =>
  changeWaits(answered, ({ waits }) => {
    const met = waits.filter(({ kind, party }) => kind === 'provider' || party === `agent:${answered.specialist}`);
    return met.filter(isTrouble).map(over);
  });

/** Ends what no unfinished work of the task has trouble with any more. Never fails. */
export const endTroubles = async (
  task: Task,
  assignments: readonly Assignment[],
  silent: readonly string[],
): Promise<void> => {
  if (endedTroubles(task, assignments, silent).length === 0) return;
  await changeWaits({ org: task.org, task: task.id }, (current) =>
    endedTroubles(current, assignments, silent).map(over),
  );
};

/** Tells at once of providers that refuse the service's key, model or account: no waiting cures that. Never fails. */
export const tellOfSetupFaults = async (org: OrgId, calls: readonly LlmCall[]): Promise<void> => {
  if (!calls.some(({ error }) => isSetupFault(error))) return;
  await raiseEach(detectInCalls(org, calls), databaseTime());
};

const isTrouble = ({ kind }: Wait): boolean => kind === 'provider' || kind === 'agent';

const over = ({ id, party }: Wait): TaskEventBody => ({
  type: 'task.wait_over',
  data: { id, outcome: 'goes on', by: party },
});

const changeWaits = async (
  { org, task: id }: InTask,
  decide: (task: Task, now: Date) => readonly TaskEventBody[],
): Promise<void> => {
  try {
    await onConflict(async () => {
      const stored = await findTask(org, id);
      if (!stored || !isTaskUnderWay(stored.value)) return;
      const now = databaseTime();
      const events = decide(stored.value, now);
      if (events.length > 0) await saveTask({ org, id, task: taskChange(stored, [...events], now) });
    });
  } catch (error) {
    logger.warn('The waits of a task could not be changed', { org, task: id, cause: describeError(error) });
  }
};
