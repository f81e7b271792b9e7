// Records for the tests of pure functions: whole ones, of which a test names only what it is about.
import type { LlmCall } from '../llm/index.ts';
import { assignment, task, type Assignment, type Task } from './schemas.ts';

export const at = new Date('2026-11-22T12:00:00Z');
export const deadlineAt = new Date(at.getTime() + 3_600_000);

export const someTask = (rest: Partial<Task> = {}): Task => ({
  ...task.parse({
    id: 'tsk_00000000000000000000',
    org: 'acme',
    submission: { title: 'A task' },
    requestHash: 'h',
    submittedBy: { channel: 'pubsub', messageId: '1' },
    state: 'working',
    seq: 1,
    epoch: 0,
    owner: null,
    analysis: null,
    plan: null,
    failure: null,
    waits: [],
    forkedFrom: null,
    queue: { rank: 2, tag: at },
    costNanoUsd: null,
    lostCalls: 0,
    active: true,
    width: 1,
    calls: [],
    createdAt: at,
    updatedAt: at,
    deadlineAt,
    wakeAt: at,
  }),
  ...rest,
});

export const someAssignment = (rest: Partial<Assignment> = {}): Assignment => ({
  ...assignment.parse({
    id: 'a',
    org: 'acme',
    task: 'tsk_00000000000000000000',
    ordinal: 0,
    specialist: 'nodejs-expert',
    title: 'Implement',
    instructions: '',
    artifactKind: 'typescript',
    dependsOn: [],
    successors: [],
    last: false,
    round: 0,
    priority: 'medium',
    brief: { title: 'A task', description: '', category: 'performance', service: null, budgetNanoUsd: null },
    depth: 0,
    state: 'ready',
    seq: 1,
    epoch: 0,
    owner: null,
    agentVersion: null,
    leaseUntil: null,
    finishedBy: null,
    finishedFor: null,
    result: null,
    approval: null,
    question: null,
    asked: 0,
    remarks: [],
    failure: null,
    failedTries: 0,
    retryAt: null,
    calls: [],
    lostCalls: 0,
    deadlineAt,
    startedAt: null,
    finishedAt: null,
  }),
  ...rest,
});

export const someResult = (rest: Partial<NonNullable<Assignment['result']>> = {}) => ({
  artifact: 'a',
  title: 'T',
  summary: 'S',
  metrics: {},
  verdict: null,
  concerns: [],
  findings: [],
  comparedWith: null,
  ...rest,
});

export const someCall = (rest: Partial<LlmCall> = {}): LlmCall => ({
  provider: 'anthropic',
  model: 'claude-sonnet-5-5',
  outcome: 'ok',
  error: null,
  usage: null,
  costNanoUsd: 0n,
  startedAt: at,
  latencyMs: 100,
  providerRequestId: null,
  ...rest,
});
