// Somebody who may publish to the service's own topics knows everything that a member can read: records, revisions, a directive with
// its signature. Each field of each message is forged in turn, and the message is handed to the function's own wrapper.
import { randomUUID } from 'node:crypto';
import { PubSub } from '@google-cloud/pubsub';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CollectionReference, DocumentReference } from 'firebase-admin/firestore';
import functionsTest from 'firebase-functions-test';
import { startLlmProviders, type LlmProviders } from '../../../../local/src/llm/index.ts';
import { admitNext } from '../../../src/coordination/admit-task.ts';
import { turnsTopic } from '../../../src/coordination/announce-room.ts';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { keepDeadLetter } from '../../../src/coordination/dead-letters.ts';
import { createdEvents, directiveFor, inputFrom, topicOf } from '../../../src/coordination/directive.ts';
import { getArtifact } from '../../../src/coordination/index.ts';
import { planTask } from '../../../src/coordination/plan-task.ts';
import { provenDirective } from '../../../src/coordination/proven-directive.ts';
import { runAssignment } from '../../../src/coordination/run-assignment.ts';
import { runMessage } from '../../../src/coordination/run-message.ts';
import {
  assignment,
  directive,
  submission,
  turn,
  type Assignment,
  type Task,
} from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { findAssignment, findTask, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { makeGateway, type Gateway } from '../../../src/llm/index.ts';
import { messageFunction } from '../../../src/platform/events.ts';
import { databaseTime, firestore, type Stored } from '../../../src/platform/firestore.ts';
import { signMessage } from '../../../src/platform/message-key.firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { makeTopics } from '../agents/hand-out.ts';
import { beforeDatabaseCloses, observe, randomOrg, serviceDatabase } from '../harness.ts';

jest.setTimeout(240_000);

serviceDatabase();
const platform = functionsTest({ projectId: process.env['GCLOUD_PROJECT'] ?? '' });
const pubsub = new PubSub();
let providers: LlmProviders;
let gateway: Gateway;

interface World {
  readonly org: OrgId;
  readonly task: Task;
}
let ours: World;
let theirs: World;

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 0 });
  const target = { provider: 'openai' as const, model: 'gpt-6.1-terra', apiKey: 'test' };
  gateway = makeGateway({
    targets: [{ ...target, baseUrl: `${providers.url}/openai/v1` }],
    firstEventMs: 30_000,
    silenceMs: 30_000,
  });
  await makeTopics(pubsub, turnsTopic);
  [ours, theirs] = await Promise.all([makeWorld(), makeWorld()]);
});
beforeDatabaseCloses(async () => {
  observe(undefined);
  platform.cleanup();
  await Promise.all([providers.stop(), pubsub.close()]);
});

const node = (id: string, dependsOn: string[] = []) => ({
  id,
  specialist: 'nodejs-expert',
  title: 'Write the minutes',
  instructions: 'Of the last meeting.',
  artifactKind: 'markdown' as const,
  dependsOn,
});

/** A task whose first part is done and whose other part nobody does, so that it stays at work. */
const makeWorld = async (): Promise<World> => {
  const org = randomOrg();
  const { task } = await submitTask({
    org,
    submission: submission.parse({
      title: 'Meet',
      category: 'performance',
      budgetNanoUsd: '1000000000000',
      plan: [node('source'), node('idle')],
    }),
    submittedBy: { channel: 'pubsub', messageId: 'test' },
    now: new Date(),
  });
  const stored = await findTask(org, task.id);
  if (stored) await planTask(stored, gateway);
  const source = await recordOf({ org, task }, 'source');
  await runAssignment(directiveFor(source, []), { gateway, messageId: 'source', timeoutMs: 60_000 });
  return { org, task };
};

const recordOf = async ({ org, task }: World, id: string): Promise<Stored<Assignment>> => {
  const stored = await findAssignment(org, task.id, id);
  if (!stored) throw new Error('The assignment is gone.');
  return stored;
};

/** Another part of our task, free to start, as every other that this makes. */
const newWork = async (dependsOn = ['source'], successorOf?: string): Promise<Stored<Assignment>> => {
  const { org, task } = ours;
  const id = `part-${randomUUID()}`;
  const { value } = await recordOf(ours, 'idle');
  const { priority, brief, deadlineAt } = value;
  const events = createdEvents([node(id, dependsOn)], { org, task: task.id, priority, brief, deadlineAt });
  await saveTask({ org, id: task.id, assignments: [assignmentChange(undefined, events, databaseTime())] });
  if (successorOf) {
    await firestore()
      .doc(`orgs/${org}/tasks/${task.id}/assignments/${successorOf}`)
      .update({ successors: [id] });
  }
  return recordOf(ours, id);
};

const genuineDirective = async (work: Stored<Assignment>): Promise<Json> => {
  const inputs = [inputFrom(await getArtifact(ours.org, ours.task.id, 'source'))];
  return asJson(directiveFor(work, inputs));
};

type Json = { [name: string]: unknown };
const bigintAsString = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value, bigintAsString)) as Json;

const topic = topicOf('medium');
const runs = platform.wrap(
  messageFunction({
    topic,
    schema: directive,
    options: {},
    keep: keepDeadLetter,
    handle: (message) => runMessage(message, { gateway, timeoutMs: 60_000 }),
  }),
);
const turns = platform.wrap(
  messageFunction({
    topic: turnsTopic,
    schema: turn,
    options: {},
    keep: keepDeadLetter,
    handle: ({ payload: { org } }) => admitNext(org, gateway, databaseTime()),
  }),
);

const eventOf = (payload: Json, attributes: Record<string, string>) => {
  const messageId = randomUUID();
  const time = new Date().toISOString();
  const data = Buffer.from(JSON.stringify(payload)).toString('base64');
  return {
    id: messageId,
    time,
    data: { message: { data, attributes, messageId, publishTime: time }, subscription: 's' },
  };
};

/** All that an org has, by path. */
const everythingOf = async (org: OrgId): Promise<Record<string, unknown>> => {
  const found: Record<string, unknown> = {};
  const walkCollection = async (collection: CollectionReference): Promise<void> => {
    const documents = await collection.listDocuments();
    await Promise.all(documents.map(walkDocument));
  };
  const walkDocument = async (reference: DocumentReference): Promise<void> => {
    const [snapshot, collections] = await Promise.all([reference.get(), reference.listCollections()]);
    if (snapshot.exists) found[reference.path] = [snapshot.data(), snapshot.updateTime];
    await Promise.all(collections.map(walkCollection));
  };
  await walkDocument(firestore().doc(`orgs/${org}`));
  return found;
};

type Path = readonly (string | number)[];

interface Forgery {
  readonly path: Path;
  /** Left out: the field is taken away. */
  readonly to?: unknown;
}

const forged = 'forged';

/** Values that fit the field's schema, where "forged" does not. */
const fitting: Readonly<Record<string, readonly unknown[]>> = {
  specialist: ['security-engineer'],
  artifactKind: ['typescript'],
  kind: ['typescript'],
  category: ['api-design'],
  priority: ['low'],
  state: ['running', 'succeeded', 'ready'],
  directive: ['review_service'],
  budgetNanoUsd: ['0', null],
  deadline: ['2030-01-01T00:00:00.000Z'],
  deadlineAt: ['2030-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'],
  owner: [{ instance: forged, run: forged, message: forged }],
  leaseUntil: ['2030-01-01T00:00:00.000Z'],
  retryAt: ['2030-01-01T00:00:00.000Z'],
  question: [{ text: forged, deadlineAt: '2030-01-01T00:00:00.000Z' }],
  author: [{ kind: 'coordinator' }],
  remarks: [[{ kind: 'answer', about: forged, text: forged, by: forged, at: '2026-01-01T00:00:00.000Z' }]],
  failure: [{ code: forged, detail: forged }],
  dependsOn: [[], ['idle']],
  org: ['theirs'],
  task: ['theirs'],
};

const wrongs = (value: unknown): unknown[] => {
  if (typeof value === 'number') return [value + 1, -1];
  if (typeof value === 'boolean') return [!value];
  if (Array.isArray(value)) return [[], [...(value as unknown[]), forged]];
  return [forged];
};

/** Every field of it, taken away, replaced and added to, at any depth. */
const forgeries = (value: unknown, path: Path = []): Forgery[] => {
  const name = String(path.at(-1) ?? '');
  const own = path.length === 0 ? [] : [...(fitting[name] ?? []), ...wrongs(value)];
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const added = fields.length > 0 && !Array.isArray(value) ? [{ path: [...path, 'extra'], to: forged }] : [];
  return [
    ...own.map((to) => ({ path, to })),
    ...(path.length === 0 ? [] : [{ path }]),
    ...added,
    ...fields.flatMap(([field, each]) => forgeries(each, [...path, Array.isArray(value) ? Number(field) : field])),
  ];
};

/** Whatever names an org or a task names that of the others. */
const theirName = ({ path, to }: Forgery): unknown => {
  if (to !== 'theirs') return to;
  return path.at(-1) === 'org' ? theirs.org : theirs.task.id;
};

const apply = (message: Json, forgery: Forgery): Json => {
  const copy = structuredClone(message);
  const last = forgery.path.at(-1) ?? '';
  const holder = forgery.path.slice(0, -1).reduce<unknown>((each, name) => (each as Json)[name], copy) as Json;
  if ('to' in forgery) holder[last] = theirName(forgery);
  else Reflect.deleteProperty(holder, last);
  return copy;
};

const said = ({ path, ...rest }: Forgery): string => `${path.join('.')} → ${JSON.stringify(rest)}`;

const isAddressed = ({ org, task, assignment }: Json, { value }: Stored<Assignment>): boolean =>
  org === value.org && task === value.task && assignment === value.id;

const fixed = ({
  org,
  task,
  id,
  specialist,
  title,
  instructions,
  artifactKind,
  dependsOn,
  brief,
  priority,
}: Assignment) =>
  ({ org, task, id, specialist, title, instructions, artifactKind, dependsOn, brief, priority }) as const;

/** The names of the message's own fields and of the record's. */
const fieldsForgedIn = (all: readonly Forgery[]): Set<string> => {
  const names = all.flatMap(({ path: [first, second] }) => [first, ...(first === 'record' ? [second] : [])]);
  return new Set(names.filter((name) => name !== undefined && name !== 'extra').map(String));
};

const bodiesFrom = (count: number): string[] =>
  providers
    .requests()
    .slice(count)
    .map(({ bodySha256 }) => bodySha256);

/** What becomes of new work when a message about it comes. */
const outcomeOf = async (messageAbout: (work: Stored<Assignment>) => Promise<[Json, Record<string, string>]>) => {
  const work = await newWork();
  const [message, attributes] = await messageAbout(work);
  const before = providers.requests().length;
  await runs(eventOf(message, attributes));
  const { value } = await recordOf(ours, work.value.id);
  return { work, message, asked: bodiesFrom(before), after: value };
};

describe('a directive', () => {
  test('of the service itself is run without a read of its record or inputs; of anybody else, by what is stored', async () => {
    const work = await newWork();
    const sent = directive.parse(await genuineDirective(work));
    let reads = 0;
    observe({ before: (kind) => void (reads += kind === 'firestore.read' ? 1 : 0), after: () => undefined });
    expect(await provenDirective(sent, true)).toBe(sent);
    expect(reads).toBe(0);
    expect(await provenDirective(sent, false)).toEqual({ ...directiveFor(work, []) });
    observe(undefined);
    expect(reads).toBeGreaterThan(0);
  });

  test('with any field forged asks the model what the stored record says, or nothing, and writes into no other org', async () => {
    const genuine = await outcomeOf(async (work) => {
      const message = await genuineDirective(work);
      return [message, { org: ours.org, signature: await signMessage({ topic, text: JSON.stringify(message) }) }];
    });
    expect(genuine).toMatchObject({ asked: [expect.any(String)], after: { state: 'succeeded' } });
    const [question] = genuine.asked;
    const before = await everythingOf(theirs.org);
    const all = [...forgeries(genuine.message), { path: ['record', 'timeoutSeconds'], to: 1 }];
    expect(fieldsForgedIn(all)).toEqual(new Set([...Object.keys(directive.shape), ...Object.keys(assignment.shape)]));
    for (const forgery of all) {
      const { work, message, asked, after } = await outcomeOf(async (target) => {
        const right = await genuineDirective(target);
        const signature = await signMessage({ topic, text: JSON.stringify(right) });
        return [apply(right, forgery), { org: ours.org, signature }];
      });
      const isRun = directive.safeParse(message).success && isAddressed(message, work);
      expect([said(forgery), asked, after.state]).toEqual([
        said(forgery),
        isRun ? [question] : [],
        isRun ? 'succeeded' : work.value.state,
      ]);
      expect([said(forgery), fixed(after)]).toEqual([said(forgery), fixed(work.value)]);
    }
    expect(await everythingOf(theirs.org)).toEqual(before);
  });

  test.each<[string, (message: Json, their: Json) => Json]>([
    ['the record of another org', (message, { record }) => ({ ...message, record })],
    [
      'the record and the revision of another org',
      (message, { record, revision }) => ({ ...message, record, revision }),
    ],
    [
      'the record of another org under our names',
      (message, { revision, record }) => {
        const { org, task, id } = message['record'] as Json;
        return { ...message, revision, record: { ...(record as Json), org, task, id } };
      },
    ],
    ['the names of another org around our record', (message, { org, task }) => ({ ...message, org, task })],
    [
      'our record under the names of another org',
      (message, { org, task, assignment }) => ({
        ...message,
        record: { ...(message['record'] as Json), org, task, id: assignment },
      }),
    ],
  ])('with %s writes nothing there', async (_, forge) => {
    const their = asJson(directiveFor(await recordOf(theirs, 'idle'), []));
    const before = await everythingOf(theirs.org);
    await outcomeOf(async (work) => [forge(await genuineDirective(work), their), { org: ours.org }]);
    expect(await everythingOf(theirs.org)).toEqual(before);
  });

  test('that is forged does not start work whose turn has not come', async () => {
    const work = await newWork(['source', 'idle'], 'idle');
    const message = await genuineDirective(work);
    await runs(eventOf({ ...message, record: { ...(message['record'] as Json), state: 'ready' } }, { org: ours.org }));
    expect((await recordOf(ours, work.value.id)).value).toMatchObject({ state: 'blocked', epoch: 0 });
  });

  test('that is forged and fits no schema is kept for operators of the whole service, and in no org that it names', async () => {
    const before = await everythingOf(theirs.org);
    const signature = await signMessage({ topic, text: 'something else' });
    await runs(eventOf({ org: theirs.org, text: forged }, { org: theirs.org, signature }));
    expect(await everythingOf(theirs.org)).toEqual(before);
  });
});

describe('the announcement that an org has room', () => {
  test('with any field forged changes nothing in another org', async () => {
    const before = await everythingOf(theirs.org);
    const message = { org: ours.org };
    for (const forgery of forgeries(message)) await turns(eventOf(apply(message, forgery), { org: ours.org }));
    expect(await everythingOf(theirs.org)).toEqual(before);
  });
});
