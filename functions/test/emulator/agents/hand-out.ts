// Work for external agents, handed out as the runner does it: a task of which the agent does the first part, and a model the second,
// which nobody runs here.
import type { DocumentReference } from 'firebase-admin/firestore';
import { PubSub } from '@google-cloud/pubsub';
import { expect } from '@jest/globals';
import { agentOf, type ExternalAgent } from '../../../src/agents/index.ts';
import { registerAgent } from '../../../src/agents/register-agent.ts';
import { agentRegistration } from '../../../src/agents/schemas.ts';
import { advanceTask } from '../../../src/coordination/advance-task.ts';
import { directiveFor, topicOf } from '../../../src/coordination/directive.ts';
import { dispatchExternal } from '../../../src/coordination/external/dispatch-external.ts';
import type { AgentDirective } from '../../../src/coordination/external/schemas.ts';
import { planTask } from '../../../src/coordination/plan-task.ts';
import {
  priorities,
  submission,
  type Assignment,
  type Priority,
  type TaskId,
} from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { findAssignment, findTask } from '../../../src/coordination/task-store.firestore.ts';
import { makeGateway } from '../../../src/llm/index.ts';
import { contentOf, firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { call, json } from '../api/callers.ts';

process.env['WEBHOOK_ALLOW_PRIVATE'] = 'true';

// A plan that the caller gives needs no model.
const gateway = makeGateway({ targets: [], firstEventMs: 1_000, silenceMs: 1_000 });
const alreadyExists = 6;

export const makeTopics = async (pubsub: PubSub, ...names: string[]): Promise<void> => {
  await Promise.all(
    [...priorities.map(topicOf), ...names].map((name) =>
      pubsub.createTopic(name).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== alreadyExists) throw error;
      }),
    ),
  );
};

const card = {
  name: 'Minute Taker',
  summary: 'Writes down what was asked.',
  skills: ['minutes'],
  responsibilities: ['Minutes'],
  produces: ['markdown'],
};

/** Registers an agent and returns the secret of its webhooks, if it has one. */
export const enlist = async (org: OrgId, agent: object): Promise<string> => {
  const edit = { org, by: 'operator-1', now: new Date(), allowPrivate: true };
  const { signingSecret } = await registerAgent(agentRegistration.parse({ ...card, ...agent }), edit);
  return signingSecret ?? '';
};

interface Wanted {
  readonly priority?: Priority;
  readonly timeoutSeconds?: number;
  /** Whose work follows. */
  readonly next?: string;
}

/** A planned task's assignment that is ready for the agent; what it makes is an input of the next one. */
export const workFor = async (
  org: OrgId,
  specialist: string,
  { priority = 'medium', next = 'nodejs-expert', ...rest }: Wanted = {},
): Promise<Assignment> => {
  const plan = [
    { id: 'minutes', specialist, title: 'Take the minutes', artifactKind: 'markdown', ...rest },
    { id: 'next', specialist: next, title: 'Go on', artifactKind: 'markdown', dependsOn: ['minutes'] },
  ];
  const { task } = await submitTask({
    org,
    submission: submission.parse({
      title: 'Meet',
      description: 'About the API.',
      category: 'api-design',
      priority,
      plan,
    }),
    submittedBy: { channel: 'pubsub', messageId: 'test' },
    now: new Date(),
  });
  const stored = await findTask(org, task.id);
  if (!stored) throw new Error('The task was not stored.');
  await planTask(stored, gateway);
  return current(org, task.id);
};

export const current = async (org: OrgId, task: TaskId, assignment = 'minutes'): Promise<Assignment> => {
  const stored = await findAssignment(org, task, assignment);
  if (!stored) throw new Error('The task was not planned.');
  return stored.value;
};

/** What the runner does with the directive of an assignment for an agent that is no model. */
export const handOut = async (
  { org, task, id, specialist }: Assignment,
  messageId = `${task}.message`,
): Promise<void> => {
  const stored = await findAssignment(org, task, id);
  const agent = (await agentOf(org, specialist)) as ExternalAgent;
  // Nobody waits for a later try here.
  if (stored) await dispatchExternal(agent, directiveFor(stored, []), { messageId, signal: AbortSignal.abort() });
};

/** Each record of a task, and of whatever lies under it, as JSON. */
export const recordsUnder = async (task: DocumentReference): Promise<string[]> => {
  const collections = await task.listCollections();
  const found = await Promise.all(collections.map((each) => each.get()));
  return [await task.get(), ...found.flatMap(({ docs }) => docs)].map((record) =>
    JSON.stringify(record.data(), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
};

/** The holder falls silent for longer than its lease. */
export const expireLease = async ({ org, task, id }: Assignment): Promise<void> => {
  const record = firestore().doc(`orgs/${org}/tasks/${task}/assignments/${id}`);
  await record.update({ leaseUntil: new Date(0) });
};

/** The time of its next try has come. */
export const makeDue = async ({ org, task, id }: Assignment): Promise<void> => {
  const record = firestore().doc(`orgs/${org}/tasks/${task}/assignments/${id}`);
  await record.update({ retryAt: new Date(0) });
};

/** The work was begun longer ago than it may take. */
export const useUpTime = async ({ org, task, id }: Assignment): Promise<void> => {
  const record = firestore().doc(`orgs/${org}/tasks/${task}/assignments/${id}`);
  await record.update({ startedAt: new Date(0) });
};

/** What the sweeper does to the task, so much later. */
export const sweepLater = async ({ org, task }: Assignment, afterMs: number): Promise<void> => {
  const stored = await findTask(org, task);
  if (stored) await advanceTask(stored, gateway, new Date(Date.now() + afterMs));
};

/** Calls of the agent itself, by the verbs of its API. */
export const asAgent = (org: OrgId, uid: string) => {
  const as = { org, role: 'agent' as const, uid };
  const at = ({ task, assignment }: AgentDirective) => `POST /v1/tasks/${task}/assignments/${assignment}`;
  const leaseOf = ({ lease: { token, epoch } }: AgentDirective) => ({ token, epoch });
  return {
    claim: (body: object = {}) => call(`POST /v1/agents/${uid}/claim`, { ...as, body }),
    claimed: async (body: object = {}) =>
      (await json(call(`POST /v1/agents/${uid}/claim`, { ...as, body }))) as unknown as AgentDirective,
    heartbeat: (work: AgentDirective) => call(`${at(work)}/heartbeat`, { ...as, body: { lease: leaseOf(work) } }),
    complete: (work: AgentDirective, output: object = goodOutput) =>
      call(`${at(work)}/complete`, { ...as, body: { lease: leaseOf(work), output } }),
    fail: (work: AgentDirective, retryable: boolean) =>
      call(`${at(work)}/fail`, { ...as, body: { lease: leaseOf(work), reason: 'No ink.', retryable } }),
  };
};

export const goodOutput = {
  summary: 'Took the minutes.',
  artifact: { kind: 'markdown', title: 'Minutes', content: '# Minutes\n\nNothing was decided.\n' },
};
export const badOutput = { summary: 'Did something else.', artifact: { kind: 'openapi', title: 'API', content: '' } };

/** The stored events of the assignment, by type. */
export const eventTypes = async ({ org, task, id }: Assignment): Promise<string[]> => {
  const events = await firestore().collection(`orgs/${org}/tasks/${task}/events`).where('stream', '==', id).get();
  return events.docs
    .map((document) => contentOf(document) as { seq: number; type: string })
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ type }) => type);
};

export const expectLeaseLost = async (answer: Promise<Response>): Promise<void> => {
  expect(await json(answer, 409)).toMatchObject({ code: 'coordination.lease_lost' });
};

/** Agents of an org that ask for work, each one new, so that no other test's work is offered to it. */
export const pullAgents = (org: OrgId, name: string) => {
  let count = 0;
  const newAgent = async (limits: object = {}) => {
    const id = `${name}-${++count}`;
    await enlist(org, { id, kind: 'pull', limits });
    return { id, ...asAgent(org, id) };
  };
  /** One that has claimed the only assignment there is for it. */
  const atWork = async ({ limits, ...wanted }: Wanted & { readonly limits?: object } = {}) => {
    const agent = await newAgent(limits);
    const assignment = await workFor(org, agent.id, wanted);
    await handOut(assignment);
    return { agent, assignment, work: await agent.claimed() };
  };
  return { newAgent, atWork };
};
