// What the suites of the scratchpad share: tasks to write on, and specialists who note something.
import { commit } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { writeEntry } from '../../../src/scratchpads/index.ts';
import { entry, type Notes } from '../../../src/scratchpads/schemas.ts';
import { call, json, type Call } from '../api/callers.ts';

/** A task that waits for its plan: nobody but the test writes on its pad. */
export const newTask = async (org: OrgId, title = 'Add an endpoint'): Promise<string> =>
  String((await json(call('POST /v1/tasks', { org, body: { title } }), 202))['id']);

/** What an assignment's result does to the pad: its notes are committed, and the assignment has begun at some time. */
export const note = (
  org: OrgId,
  task: string,
  written: { ordinal: number; notes: Notes; began?: Date | null; epoch?: number },
): Promise<string> => {
  const { ordinal, notes, began = null, epoch = 1 } = written;
  const assignment = `a${ordinal}`;
  const specialist = 'api-designer';
  return commit((batch) =>
    writeEntry(
      batch,
      entry.parse({ org, task, assignment, ordinal, specialist, epoch, notes, began, writtenAt: new Date() }),
    ),
  );
};

/** Calls an operation on a task's scratchpad, e.g. `onPad(org, task)('GET /events')`. */
export const onPad =
  (org: OrgId, task: string) =>
  (operation: string, options: Omit<Call, 'org'> = {}): Promise<Response> => {
    const [method = '', path = ''] = operation.split(' ');
    return call(`${method} /v1/tasks/${task}/scratchpad${path}`, { org, ...options });
  };

export const ifMatch = (number: number) => ({ 'if-match': `"${number}"` });
