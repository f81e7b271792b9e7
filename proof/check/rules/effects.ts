// C3: an effect is intended before it is started, recorded once when it has ended, and none is forgotten. The providers' own log is
// the other side of the books.
import { taskStream, type TaskHistory } from '../history.ts';
import type { AssignmentRecord, Call, ProviderRequest } from '../records.ts';
import type { Violation } from '../violation.ts';

/** Requests that one claim may make before it says so: one to each provider. */
const chainLength = 3;

interface RecordedCall {
  readonly call: Call;
  readonly org: string;
  readonly task: string;
  readonly stream: string;
}

/** The books of all tasks against the providers' log, which must be complete and hold no other requests. */
export const effectFaults = (tasks: readonly TaskHistory[], requests: readonly ProviderRequest[]): Violation[] => {
  const recorded = tasks.flatMap(recordedCalls);
  const known = new Set(requests.map(({ id }) => id));
  const byRequest = Map.groupBy(
    recorded.filter(({ call }) => call.providerRequestId !== null),
    ({ call }) => call.providerRequestId ?? '',
  );
  const unrecorded = requests.filter(({ id }) => !byRequest.has(id));
  const anonymous = recorded.filter(({ call }) => call.providerRequestId === null).length;
  return [
    ...tasks.flatMap(intentFaults),
    ...[...byRequest].flatMap(([id, calls]) => faultsOfRequest(id, calls, known)),
    ...unexplained(unrecorded, anonymous + tasks.reduce((sum, each) => sum + unknownOutcomes(each), 0)),
  ];
};

const recordedCalls = ({ org, id, streams }: TaskHistory): RecordedCall[] =>
  [...streams].flatMap(([stream, events]) =>
    events.flatMap(({ data }) => data.calls.map((call) => ({ call, org, task: id, stream }))),
  );

/** Every claim came with an intent, and work that has ended has ended its effects. */
const intentFaults = (history: TaskHistory): Violation[] =>
  history.assignments.flatMap((assignment) => {
    const own = history.effects.filter((effect) => effect.assignment === assignment.id);
    const isIntended = assignment.epoch === 0 || own.some(({ epoch }) => epoch === assignment.epoch);
    const open = isSettled(assignment) ? own.filter(({ state }) => state === 'intended') : [];
    const violation = (detail: string): Violation => {
      return { invariant: 'C3', org: history.org, task: history.id, assignment: assignment.id, detail };
    };
    return [
      ...(isIntended ? [] : [violation(`the claim of epoch ${assignment.epoch} intended no effect`)]),
      ...open.map(({ id }) => violation(`it is ${assignment.state}, and its effect ${id} is still intended`)),
    ];
  });

const isSettled = ({ state }: AssignmentRecord) => ['succeeded', 'failed', 'canceled'].includes(state);

const faultsOfRequest = (id: string, calls: readonly RecordedCall[], known: ReadonlySet<string>): Violation[] => {
  const [first] = calls;
  if (!first) return [];
  const { org, task, stream } = first;
  const at = { invariant: 'C3' as const, org, task, ...(stream === taskStream ? {} : { assignment: stream }) };
  return [
    ...(calls.length > 1 ? [{ ...at, detail: `request ${id} is recorded ${calls.length} times` }] : []),
    ...(known.has(id) ? [] : [{ ...at, detail: `request ${id} is recorded, but no provider had it` }]),
  ];
};

/**
 * Claims of which the records say that nobody knows what they asked (C4 holds the records to the events). Each may stand for a chain
 * of requests, one of them billed.
 */
const unknownOutcomes = ({ task, assignments }: TaskHistory): number =>
  (task?.lostCalls ?? 0) + assignments.reduce((sum, { lostCalls }) => sum + lostCalls, 0);

const unexplained = (unrecorded: readonly ProviderRequest[], explanations: number): Violation[] => {
  const billed = unrecorded.filter(({ usage }) => usage !== null);
  const fault = (detail: string): Violation[] => [{ invariant: 'C3', org: '*', detail }];
  if (billed.length > explanations) {
    return fault(`${billed.length} billed requests are on no record, ${explanations} are known to be unknown`);
  }
  return unrecorded.length > explanations * chainLength
    ? fault(`${unrecorded.length} requests are on no record, ${explanations} claims are known to be lost`)
    : [];
};
