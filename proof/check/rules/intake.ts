import type { TaskHistory } from '../history.ts';
import type { Violation } from '../violation.ts';

/**
 * C9: one request, one task, however often it was sent. A task does not name its idempotency key, so equal requests in an org
 * are taken for one that was sent again: whoever calls the checker gives each submission a title of its own.
 */
export const doubledTasks = (tasks: readonly TaskHistory[]): Violation[] => {
  const equal = Map.groupBy(
    tasks.flatMap(({ org, id, task }) => (task ? [{ org, id, request: task.requestHash }] : [])),
    ({ org, request }) => `${org} ${request}`,
  );
  return [...equal.values()].flatMap(([first, ...others]) =>
    first
      ? others.map(({ org, id }): Violation => {
          return { invariant: 'C9', org, task: id, detail: `its request made ${first.id} already` };
        })
      : [],
  );
};
