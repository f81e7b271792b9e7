// Which of an org's tasks may start now, and in what order the others wait. Pure.
//
// F1. Urgent before less urgent, within an org.
// F2. Among equals of one org: in the order in which they came.
// F3. An org's active tasks are together at most as wide as its limit, unless a single one is wider; a critical task may use
//     half as much again. So however much one org hands in, what it has in the queues is bounded, and others hardly notice.
import { priorities, type PlannedAssignment, type Priority, type Submission, type Task } from './schemas.ts';

/** The width of a plan that is not known yet: that of the templates. */
const usualWidth = 4;
const criticalShare = 1.5;

/** Lower goes first. A task without a priority of its own is judged like the default of its analysis. */
export const rankOf = (priority: Priority = 'medium'): number => priorities.indexOf(priority);

/** How many assignments of the plan may run at once: the largest number at equal distance from its start. */
export const widthOf = (plan: readonly Pick<PlannedAssignment, 'id' | 'dependsOn'>[]): number => {
  const byId = new Map(plan.map((each) => [each.id, each]));
  const levels = new Map<string, number>();
  const levelOf = (id: string): number => {
    const known = levels.get(id);
    if (known !== undefined) return known;
    const level = Math.max(0, ...(byId.get(id)?.dependsOn ?? []).map((before) => levelOf(before) + 1));
    levels.set(id, level);
    return level;
  };
  const counts = new Map<number, number>();
  for (const { id } of plan) counts.set(levelOf(id), (counts.get(levelOf(id)) ?? 0) + 1);
  return Math.max(1, ...counts.values());
};

export const expectedWidth = ({ plan }: Pick<Submission, 'plan'>): number => (plan ? widthOf(plan) : usualWidth);

/** What an org's active tasks take together. */
export interface Load {
  readonly tasks: number;
  readonly width: number;
}

/** F3. */
const mayStart = (task: Pick<Task, 'queue' | 'width'>, load: Load, limit: number): boolean => {
  if (load.tasks === 0) return true;
  const share = task.queue.rank === rankOf('critical') ? limit * criticalShare : limit;
  return load.width + task.width <= share;
};

/** F1 to F3: the first of a queue that is in the order of its turns, until one does not fit. */
export const firstThatFit = <T extends { readonly value: Pick<Task, 'queue' | 'width'> }>(
  queue: readonly T[],
  active: Load,
  limit: number,
): T[] => {
  const starting: T[] = [];
  let { tasks, width } = active;
  for (const each of queue) {
    if (!mayStart(each.value, { tasks, width }, limit)) break;
    starting.push(each);
    tasks += 1;
    width += each.value.width;
  }
  return starting;
};
