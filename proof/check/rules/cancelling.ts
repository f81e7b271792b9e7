import { endOf, taskStream, type TaskHistory } from '../history.ts';
import type { ProviderRequest } from '../records.ts';
import type { Violation } from '../violation.ts';

export interface CancelOptions {
  /** How long after the commit that ends a task its last call may still be started: the signal needs to arrive. */
  readonly cancelToleranceMs: number;
  /** By provider request id. A call is timed by its provider, so that the engine's clocks may be wrong. */
  readonly requests: ReadonlyMap<string, ProviderRequest>;
}

/** C6: a task that is over claims no assignment and calls no model any more. */
export const spendingAfterTheEnd = (
  history: TaskHistory,
  { cancelToleranceMs, requests }: CancelOptions,
): Violation[] => {
  const end = endOf(history);
  if (!end) return [];
  const until = end.recordedAt + cancelToleranceMs;
  const { org, id, streams } = history;
  return [...streams].flatMap(([stream, events]) => {
    const violation = (what: string, at: number): Violation => ({
      invariant: 'C6',
      org,
      task: id,
      ...(stream === taskStream ? {} : { assignment: stream }),
      detail: `${what} ${at - end.recordedAt} ms after the task had ended`,
    });
    const claims = events.filter(({ type, recordedAt }) => type === 'assignment.started' && recordedAt > until);
    const calls = events
      .flatMap(({ data }) => data.calls)
      .flatMap(({ providerRequestId }) => {
        const request = requests.get(providerRequestId ?? '');
        return request && Date.parse(request.time) > until ? [request] : [];
      });
    return [
      ...claims.map(({ recordedAt }) => violation('it was claimed', recordedAt)),
      ...calls.map(({ id: request, time }) => violation(`request ${request} was made`, Date.parse(time))),
    ];
  });
};
