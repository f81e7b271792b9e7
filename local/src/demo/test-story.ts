// The events of a made-up task, as the API sends them, for the tests of what is drawn from them.
import { readEvent, type WatchedEvent } from './events.ts';
import { beginning, evolve, type Progress } from './progress.ts';

const startedAt = Date.parse('2026-01-01T00:00:00Z');

/** One model call of 120 tokens that cost 2,500,000 nano-USD. */
const call = {
  provider: 'anthropic',
  model: 'any',
  outcome: 'ok',
  error: null,
  usage: {
    inputUncached: 100,
    inputCacheRead: 0,
    inputCacheWriteShort: 0,
    inputCacheWriteLong: 0,
    inputTool: 0,
    outputVisible: 20,
    outputReasoning: 0,
  },
  costNanoUsd: '2500000',
};

export const eventAt = (ms: number, stream: string, type: string, data: object): WatchedEvent => {
  const at = new Date(startedAt + ms).toISOString();
  const event = readEvent({ cursor: '1-1', stream, seq: 1, at, recordedAt: at, type, data } as { type: string });
  if (!event) throw new Error(`The demo does not read ${type}.`);
  return event;
};

export const created = (id: string, specialist: string, dependsOn: readonly string[] = [], round = 0) =>
  eventAt(100, id, 'assignment.created', {
    id,
    specialist,
    title: `Do the ${id}`,
    artifactKind: 'markdown',
    dependsOn,
    round,
  });

export const started = (id: string, ms: number, { epoch = 1, lostCall = false } = {}) =>
  eventAt(ms, id, 'assignment.started', { epoch, lostCall });

export const succeeded = (id: string, ms: number, more: { verdict?: string; notes?: object; metrics?: object } = {}) =>
  eventAt(ms, id, 'assignment.succeeded', {
    result: {
      artifact: id,
      title: `The ${id}`,
      summary: '',
      metrics: more.metrics ?? {},
      verdict: more.verdict ?? null,
      concerns: [],
    },
    successors: [],
    notes: more.notes ?? {},
    calls: [call],
  });

export const rejected = (id: string, ms: number, repair: number) =>
  eventAt(ms, id, 'assignment.artifact_rejected', {
    repair,
    findings: [
      { where: '/paths', message: 'must have at least one path' },
      { where: '/info', message: 'is missing' },
    ],
    calls: [call],
  });

export const analysed = eventAt(50, 'task', 'task.analyzed', {
  analysis: {
    category: 'api-design',
    primary: 'api-designer',
    support: ['firebase-specialist'],
    priority: 'medium',
    decidedBy: 'llm',
    reason: 'It asks for an endpoint.',
  },
  calls: [call],
});

export const planned = (...assignments: readonly string[]) =>
  eventAt(60, 'task', 'task.planned', { origin: 'template', proposalRejected: null, assignments, calls: [] });

export const extendedBy = (...assignments: readonly string[]) =>
  eventAt(900, 'task', 'task.plan_extended', { assignments, reason: 'Check: changes needed' });

export const submitted = eventAt(0, 'task', 'task.submitted', { submission: { title: 'Add an endpoint' } });

/** What is known after the events. */
export const after = (...events: readonly WatchedEvent[]): Progress =>
  events.reduce(evolve, beginning(new Date(startedAt)));
