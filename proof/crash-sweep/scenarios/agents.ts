// Work of which an agent of the org's own does a part: it asks for it, has a topic, or is called.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '@google-cloud/pubsub';
import { until, type Stage, type StagedTask } from '../stage.ts';
import { category, markdown, type Scenario } from './scenario.ts';

const agent = {
  id: 'scribe',
  name: 'Scribe',
  summary: 'Writes down what was asked.',
  skills: ['minutes'],
  responsibilities: ['Minutes'],
  produces: ['markdown'],
  limits: { leaseSeconds: 10 },
};

const register = (stage: Stage, org: string, how: object) =>
  stage.ask({ as: { org, role: 'operator' }, call: 'POST /v1/agents', body: { ...agent, ...how } });

const submission = {
  category,
  plan: [
    markdown('first'),
    { ...markdown('minutes', ['first']), specialist: agent.id },
    markdown('after', ['minutes']),
  ],
};

const output = {
  summary: 'Took the minutes.',
  artifact: { kind: 'markdown', title: 'Minutes', content: '# Minutes\n\nNothing was decided.\n' },
};

interface Work {
  readonly task: string;
  readonly assignment: string;
  readonly lease: { readonly token: string; readonly epoch: number };
}

const as = (org: string) => ({ org, role: 'agent' as const, uid: agent.id });

/** A lease that is lost is another's affair. */
const deliver = (stage: Stage, org: string, { task, assignment, lease: { token, epoch } }: Work) =>
  stage.ask({
    as: as(org),
    call: `POST /v1/tasks/${task}/assignments/${assignment}/complete`,
    body: { lease: { token, epoch }, output },
  });

const isOver = async (stage: Stage, task: StagedTask) => (await stage.stateOf(task)).over;

const againMs = 200;

/** Asks for work and delivers what it gets, until the task is over. */
const askForWork = async (stage: Stage, task: StagedTask): Promise<StagedTask> => {
  const { org } = task;
  for (; !(await isOver(stage, task)); await pause(againMs)) {
    const call = `POST /v1/agents/${agent.id}/claim`;
    const claimed = (await stage.ask({ as: as(org), call, body: {} })) as Work | undefined;
    if (claimed) await deliver(stage, org, claimed);
  }
  return task;
};

const topicOf = (org: string) => `agents.${org}.${agent.id}`;

/** Delivers what comes by its topic, until the task is over. */
const listen = async (stage: Stage, task: StagedTask): Promise<StagedTask> => {
  const subscription = stage.pubsub.subscription(topicOf(task.org));
  const delivering = new Set<Promise<unknown>>();
  subscription.on('message', (message: Message) => {
    const done = deliver(stage, task.org, JSON.parse(message.data.toString()) as Work)
      .then(() => message.ack())
      .finally(() => delivering.delete(done));
    delivering.add(done);
  });
  await until(async () => (await isOver(stage, task)) || undefined);
  await subscription.close();
  await Promise.all(delivering);
  return task;
};

/** Answers every call at once with the output. */
const startCalled = async (): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(output));
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

let called: Promise<string> | undefined;

export const withAgents: readonly Scenario[] = [
  {
    name: 'agent-that-asks',
    submission,
    ends: ['completed'],
    before: async (stage, org) => {
      await register(stage, org, { kind: 'pull' });
    },
    meanwhile: askForWork,
  },
  {
    name: 'agent-with-a-topic',
    submission,
    ends: ['completed'],
    before: async (stage, org) => {
      const [topic] = await stage.pubsub.createTopic(topicOf(org));
      await topic.createSubscription(topicOf(org));
      await register(stage, org, { kind: 'pubsub', transport: { topic: topicOf(org) } });
    },
    meanwhile: listen,
  },
  {
    name: 'agent-that-is-called',
    submission,
    ends: ['completed'],
    before: async (stage, org) => {
      called ??= startCalled();
      await register(stage, org, { kind: 'webhook', transport: { url: await called } });
    },
  },
];
