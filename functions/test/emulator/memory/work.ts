// What memory.test.ts measures, each in a process of its own.
import {
  followEvents,
  getReport,
  getScratchpad,
  listAssignments,
  listTasks,
  readEvents,
} from '../../../src/coordination/index.ts';
import { finishTask } from '../../../src/coordination/finish-task.ts';
import { taskId } from '../../../src/coordination/schemas.ts';
import { sweep } from '../../../src/coordination/sweep.ts';
import { configuredGateway } from '../../../src/llm/index.ts';
import { databaseTime } from '../../../src/platform/firestore.ts';
import { orgId } from '../../../src/platform/schemas.ts';
import { runDueSchedules } from '../../../src/scheduling/run-due-schedules.ts';

interface InTask {
  readonly org: string;
  readonly task: string;
}
const parsed = ({ org, task }: InTask) => [orgId.parse(org), taskId.parse(task)] as const;

export const runSchedules = () => runDueSchedules(databaseTime());

export const sweepTasks = () => sweep(configuredGateway(), databaseTime());

export const listAllTasks = async ({ org }: { org: string }) => {
  const ids: string[] = [];
  let largest = 0;
  let pageToken: string | undefined;
  do {
    const page = await listTasks(orgId.parse(org), { pageSize: 100, pageToken });
    ids.push(...page.tasks.map(({ id }) => id));
    largest = Math.max(largest, page.tasks.length);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return { count: new Set(ids).size, largest };
};

export const readAllEvents = async (of: InTask) => {
  let [count, over, cursor] = [0, false, undefined as string | undefined];
  while (!over) {
    const page = await readEvents(...parsed(of), { cursor, pageSize: 100 });
    count += page.events.length;
    over = page.over || page.events.length === 0;
    cursor = page.nextCursor;
  }
  return count;
};

/** With a cursor that nothing follows, or as a reader who takes an event a second. */
export const followForAWhile = async ({ cursor, ms, ...of }: InTask & { cursor?: string; ms: number }) => {
  let count = 0;
  const signal = AbortSignal.timeout(ms);
  await followEvents(...parsed(of), {
    cursor,
    signal,
    onEvents: async (events) => {
      count += events.length;
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
  });
  return count;
};

export const report = async (of: InTask) => (await getReport(...parsed(of))).summary;
export const scratchpad = async (of: InTask) => (await getScratchpad(...parsed(of))).title;
export const assignments = async (of: InTask) => (await listAssignments(...parsed(of))).length;
export const finish = (of: InTask) => finishTask(...parsed(of), databaseTime());
