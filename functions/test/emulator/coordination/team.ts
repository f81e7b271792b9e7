// A team at work in this process: the real handlers, fed from the real topics of the emulator, against the providers' stand-in.
// Deliveries can be dropped or doubled on purpose. It stands in for what the platform does between Pub/Sub and a function.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PubSub, type Message, type Subscription } from '@google-cloud/pubsub';
import { jest } from '@jest/globals';
import { startLlmProviders, type LlmProviders } from '../../../../local/src/llm/index.ts';
import { makeGateway, type Gateway } from '../../../src/llm/index.ts';
import { admitNext } from '../../../src/coordination/admit-task.ts';
import { advanceOnCreate, advanceTask } from '../../../src/coordination/advance-task.ts';
import { turnsTopic } from '../../../src/coordination/announce-room.ts';
import { assignmentChange, taskChange } from '../../../src/coordination/changes.ts';
import { topicOf } from '../../../src/coordination/directive.ts';
import { effectsOfAssignment, writeEffect } from '../../../src/coordination/effects.firestore.ts';
import { reconcile } from '../../../src/coordination/effects.ts';
import { resumeAfter } from '../../../src/coordination/resume-approved.ts';
import { runMessage } from '../../../src/coordination/run-message.ts';
import {
  directive,
  priorities,
  submission,
  type Assignment,
  type Submission,
  type Task,
  type TaskId,
  type Wait,
} from '../../../src/coordination/schemas.ts';
import { isTaskOver } from '../../../src/coordination/task-state.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { findAssignment, findTask, saveTask, type TaskCommit } from '../../../src/coordination/task-store.firestore.ts';
import { getApproval } from '../../../src/governance/index.ts';
import type { ApprovalId } from '../../../src/governance/schemas.ts';
import { AppError } from '../../../src/platform/errors.ts';
import type { Stored } from '../../../src/platform/firestore.ts';
import { isOwnMessage } from '../../../src/platform/message-key.firestore.ts';
import { signatureAttribute } from '../../../src/platform/message-signature.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

// A task is a dozen hops, and the first one starts the compilers that check artifacts.
jest.setTimeout(60_000);

/** How often each message is handed over; the emulator itself delivers it once. */
export type Deliveries = (assignment: string) => number;

export interface Team {
  readonly providers: LlmProviders;
  readonly gateway: Gateway;
  /** What came to nothing: errors that the platform would retry are retried here, others are kept. */
  readonly failures: unknown[];
  deliveries: Deliveries;
  submit(request: object, org?: OrgId): Promise<Task>;
  /** What the event of a task's creation starts. */
  created(id: TaskId): Promise<void>;
  /** What the sweeper does to a task, so much later. */
  advance(id: TaskId, afterMs?: number): Promise<void>;
  /** What the event of a decision on an approval request starts. */
  decided(id: ApprovalId): Promise<void>;
  stored(id: TaskId): Promise<Stored<Task>>;
  /** Resolves with the assignment once it is in that state. */
  reached(id: TaskId, assignment: string, state: Assignment['state']): Promise<Assignment>;
  /** Resolves with what the task waits for, once it does. */
  waiting(id: TaskId, kind: Wait['kind']): Promise<Wait>;
  /** Resolves with the task once it is over. */
  over(id: TaskId): Promise<Task>;
  /** Claims the assignment as an instance does that then dies. */
  dieWith(id: TaskId, assignment: string, instance?: string): Promise<void>;
  /** Cancels the task as an instance does that dies before it closes its assignments and tells others that there is room. */
  dieCancelling(id: TaskId, rest?: Partial<TaskCommit>): Promise<void>;
  /** Replaces the fault rules, and counts from now on the requests to a model whose text holds `text`. */
  mentions(text: string): () => number;
  stop(): Promise<void>;
}

const alreadyExists = 6;

const ignoreExisting = (error: unknown) => {
  if ((error as { code?: unknown }).code !== alreadyExists) throw error;
};

const patienceMs = 45_000;

/** Polls until `check` gives something; throws when it never does, before the test's own time limit. */
export const until = async <T>(check: () => Promise<T | undefined>): Promise<T> => {
  for (const endsAt = Date.now() + patienceMs; Date.now() < endsAt; await delay(20)) {
    const found = await check();
    if (found !== undefined) return found;
  }
  throw new Error('What the test waits for did not happen.');
};

export const startTeam = async (org: OrgId): Promise<Team> => {
  const providers = await startLlmProviders({ latencyMs: 0 });
  const gateway = makeGateway({ targets: targetsAt(providers.url), firstEventMs: 30_000, silenceMs: 30_000 });
  const pubsub = new PubSub();
  const failures: unknown[] = [];
  const working = new Set<Promise<void>>();
  const stopped = new AbortController();

  const run = async (topic: string, message: Message): Promise<void> => {
    const text = message.data.toString();
    const isOurs = await isOwnMessage({ topic, text }, message.attributes[signatureAttribute]);
    const sent = { payload: directive.parse(JSON.parse(text)), isOurs, messageId: message.id };
    for (let tries = 0; !stopped.signal.aborted; tries++) {
      try {
        await runMessage(sent, { gateway, timeoutMs: 60_000 });
        return;
      } catch (error) {
        if (!(error instanceof AppError && error.row.retry === 'later')) return void failures.push(error);
        await delay(Math.min(50 * 2 ** tries, 1_000));
      }
    }
  };

  const team: Team = {
    providers,
    gateway,
    failures,
    deliveries: () => 1,
    submit: async (request, at = org) => {
      const parsed: Submission = submission.parse(request);
      const submittedBy = { channel: 'pubsub' as const, messageId: randomUUID() };
      const { task } = await submitTask({ org: at, submission: parsed, submittedBy, now: new Date() });
      const stored = await findTask(at, task.id);
      if (stored) await advanceOnCreate(stored, gateway);
      return task;
    },
    created: async (id) => advanceOnCreate(await team.stored(id), gateway),
    advance: async (id, afterMs = 0) => advanceTask(await team.stored(id), gateway, new Date(Date.now() + afterMs)),
    decided: async (id) => resumeAfter(await getApproval(org, id), new Date()),
    stored: async (id) => {
      const task = await findTask(org, id);
      if (!task) throw new Error('The task is gone.');
      return task;
    },
    reached: (id, assignment, state) =>
      until(async () => {
        const found = await findAssignment(org, id, assignment);
        return found?.value.state === state ? found.value : undefined;
      }),
    waiting: (id, kind) => until(async () => (await findTask(org, id))?.value.waits.find((wait) => wait.kind === kind)),
    over: (id) =>
      until(async () => {
        const task = (await findTask(org, id))?.value;
        return task && isTaskOver(task) && task.wakeAt === null ? task : undefined;
      }),
    dieWith: (id, assignment, instance = deadInstance) => claimForDead({ org, id, assignment, instance }),
    dieCancelling: async (id, rest) => {
      const spend = { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n, worstCaseNanoUsd: 0n };
      const canceled = { type: 'task.canceled' as const, data: { by: 'someone', spend } };
      await saveTask({ org, id, task: taskChange(await team.stored(id), [canceled], new Date()), ...rest });
    },
    mentions: (text) => {
      const before = requestsDelayed(providers);
      providers.setFaults([{ contains: text, fault: { kind: 'latency', ms: 1 } }]);
      return () => requestsDelayed(providers) - before;
    },
    stop: async () => {
      stopped.abort();
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await providers.stop();
      await Promise.all(working);
      await pubsub.close();
    },
  };

  const receive = (topic: string) => (message: Message) => {
    message.ack();
    // The emulator takes a subscription's filter and ignores it: the messages of other orgs come here too.
    if (message.attributes['org'] !== org) return;
    for (let times = team.deliveries(message.attributes['assignment'] ?? ''); times > 0; times--) {
      const done = run(topic, message).finally(() => working.delete(done));
      working.add(done);
    }
  };
  const admit = (message: Message) => {
    message.ack();
    if (message.attributes['org'] !== org) return;
    const done = admitNext(org, gateway, new Date())
      .catch((error: unknown) => void failures.push(error))
      .finally(() => working.delete(done));
    working.add(done);
  };
  const turns = await subscribe(pubsub, turnsTopic, org);
  turns.on('message', admit);
  const directives = await Promise.all(
    priorities.map(topicOf).map(async (topic) => {
      const subscription = await subscribe(pubsub, topic, org);
      return subscription.on('message', receive(topic));
    }),
  );
  const subscriptions = [turns, ...directives];
  return team;
};

const deadInstance = 'an-instance-that-died';

interface Death {
  readonly org: OrgId;
  readonly id: TaskId;
  readonly assignment: string;
  readonly instance: string;
}

const claimForDead = async ({ org, id, assignment, instance }: Death): Promise<void> => {
  const before = await findAssignment(org, id, assignment);
  if (!before) throw new Error('The assignment is gone.');
  const now = new Date();
  const data = {
    epoch: before.value.epoch + 1,
    owner: { instance, run: `run-${randomUUID()}`, message: 'its-message' },
    leaseUntil: null,
    agentVersion: 1,
    lostCall: before.value.state === 'running',
  };
  const change = assignmentChange(before, [{ type: 'assignment.started', data }], now);
  const { effect } = reconcile(change.after, 'model.answer', await effectsOfAssignment(org, id, assignment), now);
  await saveTask({ org, id, assignments: [change], also: (batch) => writeEffect(batch, effect) });
};

const requestsDelayed = (providers: LlmProviders): number =>
  providers.requests().filter(({ fault }) => fault === 'latency').length;

const subscribe = async (pubsub: PubSub, topic: string, org: OrgId): Promise<Subscription> => {
  await pubsub.createTopic(topic).catch(ignoreExisting);
  const [subscription] = await pubsub.createSubscription(topic, `${topic}-${org}-${randomUUID()}`);
  return subscription;
};

const targetsAt = (url: string) => [
  { provider: 'anthropic' as const, model: 'claude-sonnet-5-5', apiKey: 'test', baseUrl: `${url}/anthropic` },
  { provider: 'openai' as const, model: 'gpt-6.1-terra', apiKey: 'test', baseUrl: `${url}/openai/v1` },
  { provider: 'google' as const, model: 'gemini-3.8-flash', apiKey: 'test', baseUrl: `${url}/gemini` },
];
