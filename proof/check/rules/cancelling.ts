// C6: a task that is over claims no assignment and begins no model call, and its running calls are aborted.
import { endOf, taskStream, type TaskHistory } from '../history.ts';
import type { Call, ProviderRequest } from '../records.ts';
import type { Violation } from '../violation.ts';

/** A process was silent between these times, in milliseconds since the epoch. */
export interface Stop {
  readonly from: number;
  readonly to: number;
}

export interface CancelOptions {
  /** How long after the commit that ends a task it may still spend: the signal needs to arrive. */
  readonly cancelToleranceMs: number;
  readonly stops: readonly Stop[];
  /** By provider request id. A call is timed by its provider, so that the engine's clocks may be wrong. */
  readonly requests: ReadonlyMap<string, ProviderRequest>;
  /** The engine's clocks are right: a call that has no request id is timed by the engine. */
  readonly clocksAreTrue: boolean;
  /** When the books were read, in milliseconds since the epoch: what runs then is not over before. */
  readonly checkedAt: number;
}

/** What was done for a task, and from when to when, in milliseconds since the epoch. */
interface Act {
  readonly what: string;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** What a stopped process may do late by once it goes on: only then it hears of what has ended. */
const afterStopMs = 3_000;

export const spendingAfterTheEnd = (history: TaskHistory, options: CancelOptions): Violation[] => {
  const end = endOf(history);
  if (!end) return [];
  const { org, id, streams } = history;
  return [...streams].flatMap(([stream, events]) => {
    const claims = events.filter(({ type }) => type === 'assignment.started');
    const acts = [
      ...claims.map(({ recordedAt }) => ({ what: 'a claim', begunAt: recordedAt, endedAt: recordedAt })),
      ...events.flatMap(({ data }) => data.calls).flatMap((call) => actOf(call, options)),
    ];
    const at = { invariant: 'C6' as const, org, task: id, ...(stream === taskStream ? {} : { assignment: stream }) };
    return lateActs(acts, end.recordedAt, options).map((detail) => ({ ...at, detail: `${detail} the task had ended` }));
  });
};

/** What is on no record can be of any task: it must have ended with the last one. */
export const unrecordedAfterTheEnd = (tasks: readonly TaskHistory[], options: CancelOptions): Violation[] => {
  const ends = tasks.map((history) => endOf(history)?.recordedAt ?? Infinity);
  const recorded = new Set(tasks.flatMap(({ streams }) => [...streams.values()].flat().flatMap(requestIdsIn)));
  const acts = [...options.requests.values()].filter(({ id }) => !recorded.has(id)).map((each) => asked(each, options));
  return lateActs(acts, Math.max(...ends), options).map((detail) => {
    return { invariant: 'C6', org: '*', detail: `${detail} the last task had ended` };
  });
};

const requestIdsIn = ({ data }: { readonly data: { readonly calls: readonly Call[] } }) =>
  data.calls.map(({ providerRequestId }) => providerRequestId);

const actOf = (call: Call, options: CancelOptions): Act[] => {
  const request = options.requests.get(call.providerRequestId ?? '');
  if (request) return [asked(request, options)];
  if (call.providerRequestId !== null || !options.clocksAreTrue) return [];
  const what = `a call to ${call.provider} without a request id`;
  return [{ what, begunAt: call.startedAt, endedAt: call.startedAt + call.latencyMs }];
};

const asked = ({ id, time, durationMs }: ProviderRequest, { checkedAt }: CancelOptions): Act => {
  const begunAt = Date.parse(time);
  return { what: `request ${id}`, begunAt, endedAt: durationMs === null ? checkedAt : begunAt + durationMs };
};

/** Those that nothing excuses, in words that end with "after". */
const lateActs = (acts: readonly Act[], end: number, { cancelToleranceMs, stops }: CancelOptions): string[] => {
  const until = end + cancelToleranceMs;
  /** Begun in time, or by a process that was stopped before it could hear of the end. */
  const isExcused = ({ begunAt, endedAt }: Act) =>
    stops.some(({ from, to }) => from <= until && (begunAt <= until || begunAt >= to) && endedAt <= to + afterStopMs);
  return acts
    .filter((act) => act.endedAt > until && !isExcused(act))
    .map(({ what, begunAt, endedAt }) =>
      begunAt > until ? `${what} began ${begunAt - end} ms after` : `${what} ran until ${endedAt - end} ms after`,
    );
};
