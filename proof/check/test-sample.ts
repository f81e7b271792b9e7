// A small history that breaks no promise, for the tests to spoil: an analysed task of two assignments in a row, the second of
// which was taken over from a dead instance; and another org's task, cancelled before its only assignment was claimed.
import { createHash } from 'node:crypto';
import type { StoredDocument } from './history.ts';
import type { ProviderRequest } from './records.ts';

export const org = 'org-one';
export const task = `tsk_${'a'.repeat(20)}`;
export const otherOrg = 'org-two';
export const otherTask = `tsk_${'b'.repeat(20)}`;
export const orgs = [org, otherOrg];

const start = Date.parse('2026-01-01T00:00:00Z');
export const at = (seconds: number) => new Date(start + seconds * 1_000);

export const call = (id: string | null, seconds: number) => ({
  provider: 'anthropic',
  providerRequestId: id,
  startedAt: at(seconds),
  latencyMs: 100,
});

const request = (id: string, seconds: number): ProviderRequest => ({
  id,
  time: at(seconds).toISOString(),
  provider: 'anthropic',
  usage: { inputUncached: 1 },
  durationMs: 100,
});

/** `lost` is what the dead instance had asked before it could say so. */
export const requests: readonly ProviderRequest[] = [
  request('analysis', 1),
  request('first', 3),
  request('lost', 5),
  request('second', 12),
];

type EventSpec = readonly [seconds: number, type: string, data?: object];

const stream = (of: { org: string; task: string }, name: string, lane: number, events: readonly EventSpec[]) =>
  events.map(([seconds, type, data = {}], index): StoredDocument => {
    const seq = index + 1;
    const path = `orgs/${of.org}/tasks/${of.task}/events/${name}.${String(seq).padStart(6, '0')}`;
    return { path, data: { ...of, stream: name, lane, seq, type, data, recordedAt: at(seconds) } };
  });

const document = (of: { org: string; task: string }, place: string, data: object): StoredDocument => ({
  path: `orgs/${of.org}/tasks/${of.task}${place}`,
  data: { org: of.org, ...data },
});

const one = { org, task };
const two = { org: otherOrg, task: otherTask };

const taskFields = {
  submission: { title: 'A title' },
  epoch: 0,
  calls: [],
  lostCalls: 0,
  failure: null,
  waits: [],
  deadlineAt: at(3_600),
  wakeAt: null,
};
const result = (epoch: number, content: string) => ({
  epoch,
  content,
  sha256: createHash('sha256').update(content).digest('hex'),
});
const created = (dependsOn: string[], successors: string[]) => ({ dependsOn, successors });
const assignmentFields = { lostCalls: 0, calls: [], failure: null };

export const sample = (): StoredDocument[] => [
  document(one, '', {
    ...taskFields,
    id: task,
    requestHash: 'one',
    state: 'completed',
    seq: 8,
    epoch: 1,
    plan: { assignments: ['first', 'second'] },
    calls: [call('analysis', 1)],
  }),
  ...stream(one, 'task', 0, [
    [0, 'task.submitted'],
    [1, 'task.analyzing', { epoch: 1 }],
    [2, 'task.analyzed', { calls: [call('analysis', 1)] }],
    [2, 'task.planned', { assignments: ['first', 'second'], calls: [] }],
    [2, 'task.working'],
    [13, 'task.validating'],
    [13, 'task.reporting'],
    [13, 'task.completed'],
  ]),
  document(one, '/assignments/first', {
    ...assignmentFields,
    id: 'first',
    task,
    ordinal: 0,
    ...created([], ['second']),
    state: 'succeeded',
    seq: 3,
    epoch: 1,
    calls: [call('first', 3)],
  }),
  ...stream(one, 'first', 1, [
    [2, 'assignment.created', created([], ['second'])],
    [3, 'assignment.started', { epoch: 1 }],
    [4, 'assignment.succeeded', { calls: [call('first', 3)], successors: ['second'] }],
  ]),
  document(one, '/artifacts/first', { id: 'first', task, ...result(1, 'the first') }),
  document(one, '/effects/e1', { id: 'e1', assignment: 'first', state: 'done', epoch: 1 }),
  document(one, '/scratchpad/first.1', { assignment: 'first', epoch: 1 }),
  document(one, '/assignments/second', {
    ...assignmentFields,
    id: 'second',
    task,
    ordinal: 1,
    ...created(['first'], []),
    state: 'succeeded',
    seq: 4,
    epoch: 2,
    lostCalls: 1,
    calls: [call('second', 12)],
  }),
  ...stream(one, 'second', 2, [
    [2, 'assignment.created', created(['first'], [])],
    [5, 'assignment.started', { epoch: 1 }],
    [11, 'assignment.started', { epoch: 2 }],
    [13, 'assignment.succeeded', { calls: [call('second', 12)], successors: [] }],
  ]),
  document(one, '/artifacts/second', { id: 'second', task, ...result(2, 'the second') }),
  document(one, '/effects/e2', { id: 'e2', assignment: 'second', state: 'done', epoch: 2 }),
  document(one, '/scratchpad/second.2', { assignment: 'second', epoch: 2 }),
  document(one, '/reports/final', { task }),

  document(two, '', {
    ...taskFields,
    id: otherTask,
    requestHash: 'two',
    state: 'canceled',
    seq: 5,
    plan: { assignments: ['only'] },
  }),
  ...stream(two, 'task', 0, [
    [0, 'task.submitted'],
    [1, 'task.analyzed', { calls: [] }],
    [1, 'task.planned', { assignments: ['only'], calls: [] }],
    [1, 'task.working'],
    [2, 'task.canceled'],
  ]),
  document(two, '/assignments/only', {
    ...assignmentFields,
    id: 'only',
    task: otherTask,
    ordinal: 0,
    ...created([], []),
    state: 'canceled',
    seq: 2,
    epoch: 0,
  }),
  ...stream(two, 'only', 1, [
    [1, 'assignment.created', created([], [])],
    [2, 'assignment.canceled'],
  ]),
  document(two, '/reports/final', { task: otherTask }),
];
