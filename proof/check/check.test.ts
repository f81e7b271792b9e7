import { describe, expect, test } from '@jest/globals';
import type { StoredDocument } from './history.ts';
import { checkDocuments, type ProviderRequest, type Stop } from './index.ts';
import { at, call, org, orgs, otherOrg, otherTask, requests, sample, task } from './test-sample.ts';
import type { Invariant } from './violation.ts';

interface Stored {
  documents: StoredDocument[];
  requests: ProviderRequest[];
  checkedAt?: Date;
  stops?: Stop[];
  clocksAreTrue?: boolean;
  neighbours?: string[];
}

const one = `orgs/${org}/tasks/${task}`;
const two = `orgs/${otherOrg}/tasks/${otherTask}`;

const check = ({ requests: providerRequests, checkedAt = at(60), ...stored }: Stored) =>
  checkDocuments({ ...stored, orgs, providerRequests, checkedAt: checkedAt.getTime() });

const edit = (path: string, change: Record<string, unknown>) => (stored: Stored) => {
  const index = stored.documents.findIndex((each) => each.path === path);
  const found = stored.documents[index];
  if (!found) throw new Error(`The sample has no ${path}.`);
  stored.documents[index] = { path, data: { ...found.data, ...change } };
};

const editData = (path: string, change: Record<string, unknown>) => (stored: Stored) => {
  const found = stored.documents.find((each) => each.path === path);
  edit(path, { data: { ...(found?.data['data'] as object), ...change } })(stored);
};

const remove = (path: string) => (stored: Stored) => {
  const kept = stored.documents.filter((each) => each.path !== path);
  if (kept.length === stored.documents.length) throw new Error(`The sample has no ${path}.`);
  stored.documents = kept;
};

const copy = (path: string, to: string, change: Record<string, unknown>) => (stored: Stored) => {
  const found = stored.documents.find((each) => each.path === path);
  if (!found) throw new Error(`The sample has no ${path}.`);
  stored.documents.push({ path: to, data: { ...found.data, ...change } });
};

const requested =
  (id: string, time: string, usage: object | null = {}) =>
  (stored: Stored) => {
    stored.requests.push({ id, time, provider: 'anthropic', usage, durationMs: 100 });
  };

const editRequest = (id: string, change: Partial<ProviderRequest>) => (stored: Stored) => {
  stored.requests = stored.requests.map((each) => (each.id === id ? { ...each, ...change } : each));
};

const set = (change: Partial<Stored>) => (stored: Stored) => void Object.assign(stored, change);

const all =
  (...changes: ((stored: Stored) => void)[]) =>
  (stored: Stored) => {
    for (const change of changes) change(stored);
  };

const late = '2026-01-01T00:01:00Z';
const claimAfterCancel = copy(`${one}/events/first.000002`, `${two}/events/only.000003`, {
  ...{ org: otherOrg, task: otherTask, stream: 'only', seq: 3 },
  recordedAt: new Date(late),
});

/** The other task, as it waits for an answer for a minute. */
const waiting = (stored = 'input') => {
  const wait = { id: 'w', kind: 'input', party: 'operator', deadlineAt: at(60), onSilence: 'fail' };
  return all(
    edit(two, { state: 'input_required', waits: [{ ...wait, kind: stored }], wakeAt: at(60), seq: 5 }),
    edit(`${two}/events/task.000005`, { type: 'task.waiting', data: { wait } }),
    remove(`${two}/reports/final`),
  );
};

const failure = { code: 'any', detail: 'It does not work.' };

const stopped = (from: number, to: number) => set({ stops: [{ from: at(from).getTime(), to: at(to).getTime() }] });

/** The last call of the first task, as one that was aborted before it had an answer. */
const nameless = (seconds: number) =>
  all(
    edit(`${one}/assignments/second`, { calls: [call(null, seconds)] }),
    editData(`${one}/events/second.000004`, { calls: [call(null, seconds)] }),
  );

const corruptions: readonly [Invariant, string, (stored: Stored) => void, detail: RegExp][] = [
  ['C1', 'a task that works on for ever', edit(one, { state: 'working' }), /is working and waits for nobody/],
  ['C1', 'a wait without an end', edit(one, { state: 'input_required', waits: [] }), /waits for nobody/],
  ['C1', 'a task that was lost', remove(one), /but no task/],
  ['C1', 'a missing report', remove(`${one}/reports/final`), /0 reports/],
  [
    'C1',
    'an open assignment of a task that is over',
    edit(`${two}/assignments/only`, { state: 'ready' }),
    /it is ready/,
  ],
  [
    'C1',
    'an end long after the deadline',
    edit(one, { deadlineAt: at(13 - 121) }),
    /it ended 121000 ms after its deadline/,
  ],
  [
    'C1',
    'a wait that nobody ends',
    all(waiting(), set({ checkedAt: at(60 + 121) })),
    /input_required, 121000 ms after a deadline/,
  ],
  [
    'C1',
    'a task that waits past its deadline',
    all(waiting(), edit(two, { deadlineAt: at(50) }), set({ checkedAt: at(50 + 121) })),
    /input_required, 121000 ms after a deadline/,
  ],
  ['C1', 'a task that is over and still swept', edit(two, { wakeAt: new Date(late) }), /sweeper/],
  [
    'C2',
    'a second result',
    copy(`${one}/events/first.000003`, `${one}/events/first.000004`, { seq: 4 }),
    /succeeded 2 times/,
  ],
  [
    'C2',
    'an artifact of a stale epoch',
    edit(`${one}/artifacts/second`, { epoch: 1 }),
    /epoch 1, its result of epoch 2/,
  ],
  ['C2', 'notes of a stale epoch', edit(`${one}/scratchpad/second.2`, { epoch: 1 }), /the notes is of epoch 1/],
  ['C2', 'an artifact that was changed', edit(`${one}/artifacts/first`, { content: 'other' }), /hash/],
  ['C2', 'a result without an artifact', remove(`${one}/artifacts/first`), /without an artifact/],
  [
    'C2',
    'an artifact without a result',
    copy(`${one}/artifacts/first`, `${two}/artifacts/only`, { id: 'only' }),
    /no result/,
  ],
  ['C2', 'an epoch that does not rise', editData(`${one}/events/second.000003`, { epoch: 1 }), /do not rise: 1, 1/],
  [
    'C3',
    'an effect recorded twice',
    editData(`${one}/events/first.000003`, {
      calls: [call('second', 3)],
    }),
    /recorded 2 times/,
  ],
  [
    'C3',
    'a call that no provider had',
    editData(`${one}/events/first.000003`, {
      calls: [call('made-up', 3)],
    }),
    /no provider had it/,
  ],
  ['C3', 'a billed request on no record', requested('forgotten', late), /2 billed requests are on no record, 1 /],
  [
    'C3',
    'more requests than lost claims can have made',
    all(...['a', 'b', 'c'].map((id) => requested(id, late, null))),
    /4 requests are on no record, 1 claims/,
  ],
  ['C3', 'a claim without an intent', edit(`${one}/effects/e2`, { epoch: 1 }), /epoch 2 intended no effect/],
  ['C3', 'an effect that never ended', edit(`${one}/effects/e1`, { state: 'intended' }), /e1 is still intended/],
  ['C4', 'a gap in a stream', remove(`${one}/events/first.000002`), /event 2 is missing/],
  ['C4', 'events out of order', edit(`${one}/events/first.000003`, { recordedAt: new Date(0) }), /recorded before/],
  ['C4', 'an event in another lane', edit(`${one}/events/first.000003`, { lane: 7 }), /lane 7 instead of 1/],
  [
    'C4',
    'an impossible event',
    edit(`${one}/events/first.000003`, { type: 'assignment.input_given' }),
    /cannot follow/,
  ],
  ['C4', 'an event that nobody knows', edit(`${one}/events/first.000003`, { type: 'assignment.vanished' }), /not know/],
  ['C4', 'a state that no event made', edit(`${two}/assignments/only`, { state: 'failed' }), /state "canceled"/],
  ['C4', 'an epoch that no event made', edit(`${one}/assignments/second`, { epoch: 3 }), /epoch 2, stored is 3/],
  ['C4', 'a counter that is behind', edit(one, { seq: 7 }), /seq 8, stored is 7/],
  [
    'C4',
    'a call that is on the record alone',
    edit(two, { calls: sample()[0]?.data['calls'] }),
    /calls \[\], stored is \[{"provider":"anthropic","providerRequestId":"analysis"/,
  ],
  [
    'C4',
    'a call that is another on the record',
    edit(`${one}/assignments/first`, { calls: [call('other', 3)] }),
    /calls \[{.*"first".*stored is \[{.*"other"/,
  ],
  ['C4', 'a failure that no event made', edit(one, { failure }), /failure null, stored is {"code":"any"/],
  [
    'C4',
    'a failure that is forgotten',
    all(
      edit(`${two}/assignments/only`, { state: 'failed' }),
      edit(`${two}/events/only.000002`, { type: 'assignment.failed', data: { failure } }),
    ),
    /failure {"code":"any".*stored is null/,
  ],
  [
    'C4',
    'a wait that was over',
    edit(one, { waits: [{ id: 'w', kind: 'input', party: 'p', deadlineAt: at(60), onSilence: 'fail' }] }),
    /waits \[\], stored is \[{"id":"w"/,
  ],
  [
    'C4',
    'a wait of another kind',
    all(waiting('approval'), edit(two, { state: 'awaiting_approval' })),
    /"kind":"input"/,
  ],
  ['C4', 'a loss that is forgotten', edit(`${one}/assignments/second`, { lostCalls: 0 }), /lostCalls 1, stored is 0/],
  [
    'C4',
    'an analysis that was cut off and is forgotten',
    all(
      edit(`${two}/events/task.000002`, { type: 'task.analyzing', data: { epoch: 1 } }),
      edit(`${two}/events/task.000003`, { type: 'task.canceled' }),
      remove(`${two}/events/task.000004`),
      remove(`${two}/events/task.000005`),
    ),
    /lostCalls 1, stored is 0/,
  ],
  [
    'C4',
    'a cancelled run whose call is forgotten',
    all(
      edit(`${two}/events/only.000002`, { type: 'assignment.started', data: { epoch: 1 } }),
      copy(`${one}/events/first.000003`, `${two}/events/only.000003`, {
        ...{ org: otherOrg, task: otherTask, stream: 'only', seq: 3, type: 'assignment.canceled', data: {} },
      }),
    ),
    /lostCalls 1, stored is 0/,
  ],
  ['C4', 'events without a record', remove(`${one}/assignments/second`), /events, but no record/],
  ['C4', 'an unreadable document', edit(`${one}/assignments/second`, { seq: 'four' }), /cannot be read: seq/],
  [
    'C5',
    'a successor that was never started',
    all(remove(`${one}/events/second.000002`), remove(`${one}/events/second.000003`)),
    /predecessors have succeeded, and it is succeeded/,
  ],
  ['C5', 'an assignment that is planned and not there', remove(`${one}/assignments/second`), /planned, but not there/],
  [
    'C5',
    'a start before the predecessor',
    edit(`${one}/events/second.000002`, { recordedAt: new Date(0) }),
    /before first/,
  ],
  ['C5', 'a start in a pause', edit(`${one}/events/task.000005`, { type: 'task.paused' }), /while its task was paused/],
  ['C6', 'a claim after the end', claimAfterCancel, /a claim began 58000 ms after/],
  ['C6', 'a call after the end', editRequest('second', { time: late }), /request second began 47000 ms after/],
  [
    'C6',
    'a call that is not aborted',
    editRequest('second', { durationMs: 20_000 }),
    /second ran until 19000 ms after/,
  ],
  ['C6', 'a call that still runs', editRequest('second', { durationMs: null }), /second ran until 47000 ms after/],
  [
    'C6',
    'a call after the end that was cut off',
    all(set({ clocksAreTrue: true }), nameless(60)),
    /without a request id began 47000 ms after/,
  ],
  [
    'C6',
    'a call after the end that is on no record',
    requested('forgotten', late),
    /forgotten began 47000 ms after the last task/,
  ],
  [
    'C6',
    'a call that no stop explains',
    all(editRequest('second', { durationMs: 20_000 }), stopped(16, 40)),
    /second ran until 19000 ms after/,
  ],
  [
    'C6',
    'a claim that a process made while another was stopped',
    all(claimAfterCancel, stopped(3, 61)),
    /a claim began 58000 ms after/,
  ],
  ['C8', 'a document of another org', edit(`${one}/artifacts/first`, { org: otherOrg }), /carries the org "org-two"/],
  ['C8', 'a document without an org', edit(`${one}/artifacts/first`, { org: undefined }), /carries the org/],
  ['C8', 'the name of another org', edit(`${one}/artifacts/first`, { title: { deep: [otherOrg] } }), /names the org/],
  [
    'C8',
    'the name of an org that is not looked at',
    all(edit(`${one}/artifacts/first`, { title: 'org-before' }), set({ neighbours: ['org-before'] })),
    /names the org org-before/,
  ],
  [
    'C8',
    'a task of an org that is not looked at',
    edit(`${one}/artifacts/first`, { title: `see tsk_${'c'.repeat(20)}` }),
    /names the task tsk_c+ of nobody here/,
  ],
  [
    'C8',
    'a document of another org deep below a task',
    copy(`${one}/artifacts/first`, `${one}/padSections/goal/padRevisions/000001`, { org: otherOrg }),
    /padRevisions\/000001 carries the org "org-two"/,
  ],
  ['C8', 'the task of another org', edit(`${one}/artifacts/first`, { title: `see ${otherTask}` }), /names the task/],
  [
    'C9',
    'one request that made two tasks',
    copy(two, `orgs/${otherOrg}/tasks/${task}`, { id: task }),
    /made .* already/,
  ],
];

describe('the checker', () => {
  test('finds nothing in a history that breaks no promise', () => {
    expect(check({ documents: sample(), requests: [...requests] })).toEqual([]);
  });

  test.each(corruptions)('%s: finds %s', (invariant, _name, corrupt, detail) => {
    const stored: Stored = { documents: sample(), requests: [...requests] };
    corrupt(stored);
    const found = check(stored).filter((violation) => violation.invariant === invariant);
    expect(found.map((violation) => violation.detail).join('\n')).toMatch(detail);
  });

  test.each<[string, (stored: Stored) => void]>([
    ['goes on with a call that it had begun', all(editRequest('second', { durationMs: 20_000 }), stopped(12, 31))],
    ['begins one when it goes on', all(editRequest('second', { time: late }), stopped(14, 59))],
    ['makes a claim when it goes on', all(claimAfterCancel, stopped(1, 58))],
  ])('lets a process that was stopped when the task ended finish late: it %s', (_, change) => {
    const stored: Stored = { documents: sample(), requests: [...requests] };
    change(stored);
    expect(check(stored).filter(({ invariant }) => invariant === 'C6')).toEqual([]);
  });

  test('does not go by a clock that may be wrong', () => {
    const stored: Stored = { documents: sample(), requests: [...requests] };
    nameless(60)(stored);
    expect(check(stored).filter(({ invariant }) => invariant === 'C6')).toEqual([]);
  });

  test('lets a task wait for a named party until a deadline', () => {
    const stored: Stored = { documents: sample(), requests: [...requests], checkedAt: at(60 + 119) };
    waiting()(stored);
    expect(check(stored).filter(({ invariant }) => invariant === 'C1' || invariant === 'C4')).toEqual([]);
  });
});
