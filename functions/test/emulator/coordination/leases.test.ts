// C2 under any interleaving: runs of ours and external agents claim one assignment by directives of any age, at once with what those who
// held it before do, who die or fall silent, go on regardless, give back and deliver. fast-check prints the seed and the story of a
// failure.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import fc from 'fast-check';
import { enlist, expireLease, makeTopics, workFor } from '../agents/hand-out.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { claim, type Claimant } from '../../../src/coordination/claim.ts';
import { createdEvents, directiveFor } from '../../../src/coordination/directive.ts';
import { holderOf } from '../../../src/coordination/external/claim-for-agent.ts';
import { noEnding, standingOf } from '../../../src/coordination/external/leased-work.ts';
import type { HeldAssignment } from '../../../src/coordination/held-assignment.ts';
import { ImpossibleEvent } from '../../../src/coordination/impossible-event.ts';
import { instanceId, isAlive, whileAlive } from '../../../src/coordination/instance.firestore.ts';
import {
  assignmentEventBody,
  event,
  type Assignment,
  type AssignmentEventBody,
} from '../../../src/coordination/schemas.ts';
import { eventsOf, findAssignment, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { someResult } from '../../../src/coordination/test-records.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { databaseTime, parseSnapshot, timeOf, type Stored } from '../../../src/platform/firestore.ts';

jest.setTimeout(120_000);

serviceDatabase();
const org = randomOrg();
const agent = 'leaseholder';
const pubsub = new PubSub();
let parent: Assignment;
beforeAll(async () => {
  await makeTopics(pubsub);
  await enlist(org, { id: agent, kind: 'pull' });
  parent = await workFor(org, agent);
});
beforeDatabaseCloses(() => pubsub.close());

type Kind = 'run' | 'agent';

/** `sent` and `by` pick one of the directives and of the claims that there are by then, counted back from the latest. */
const claiming = fc.record({
  does: fc.constant('claim' as const),
  kind: fc.constantFrom<Kind>('run', 'agent'),
  sent: fc.nat(5),
});
const saying = fc.record({
  does: fc.constantFrom('go on', 'go on', 'go on', 'give back', 'deliver'),
  by: fc.oneof(fc.constant(0), fc.nat(3)),
});
type Saying = typeof saying extends fc.Arbitrary<infer S> ? S : never;
type Action = Saying | (typeof claiming extends fc.Arbitrary<infer C> ? C : never);

/** The holder may fall silent first; then all actions happen at once. */
const step = fc.record({
  fallsSilent: fc.boolean(),
  actions: fc.array(fc.oneof(claiming, saying), { minLength: 1, maxLength: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Claimed {
  readonly kind: Kind;
  readonly held: HeldAssignment;
  readonly epoch: number;
  /** Ends the process of a run. */
  readonly die: () => void;
}

interface Story {
  readonly id: string;
  readonly directives: Stored<Assignment>[];
  readonly claims: Claimed[];
  /** What those who said it believe to be on record. */
  readonly accepted: { type: string; epoch: number }[];
}

const recordOf = async ({ id }: Pick<Story, 'id'>): Promise<Stored<Assignment>> => {
  const stored = await findAssignment(org, parent.task, id);
  if (!stored) throw new Error('The assignment is gone.');
  return stored;
};

const begin = async (): Promise<Story> => {
  const id = `story-${randomUUID()}`;
  const { task, priority, brief, deadlineAt } = parent;
  const node = {
    id,
    specialist: agent,
    title: 'Hold',
    instructions: '',
    artifactKind: 'markdown' as const,
    dependsOn: [],
  };
  const created = createdEvents([node], { org, task, priority, brief, deadlineAt });
  await saveTask({ org, id: task, assignments: [assignmentChange(undefined, created, databaseTime())] });
  return { id, directives: [await recordOf({ id })], claims: [], accepted: [] };
};

const pick = <T>(all: readonly T[], back: number): T | undefined => all.at(-1 - (back % Math.max(1, all.length)));

const refusals = new Set(['store.conflict', 'coordination.leased', 'coordination.lease_lost']);

/** Undefined when it is refused, by the record or by what the holder itself knows; any other error is a fault. */
const unlessRefused = async <T>(attempt: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ImpossibleEvent) return undefined;
    if (error instanceof AppError && refusals.has(error.row.code)) return undefined;
    throw error;
  }
};

const take = (directive: Stored<Assignment>, claimant: Claimant): Promise<HeldAssignment | undefined> =>
  unlessRefused(async () => {
    const claimed = await claim(directiveFor(directive, []), claimant, databaseTime());
    return 'held' in claimed ? claimed.held : undefined;
  });

const claimAs = async (kind: Kind, directive: Stored<Assignment>): Promise<Claimed | undefined> => {
  const run = randomUUID();
  const { promise: death, resolve } = Promise.withResolvers<undefined>();
  const instance = kind === 'run' ? instanceId : holderOf(agent);
  const claimant = { owner: { instance, run, message: run }, agentVersion: 1 };
  const taking =
    kind === 'run'
      ? take(directive, { ...claimant, effect: 'model.answer' })
      : take(directive, { ...claimant, effect: 'agent.dispatch', leaseMs: 3_600_000 });
  if (kind === 'run') void whileAlive(run, () => death);
  const held = await taking;
  if (!held) resolve(undefined);
  return held && { kind, held, epoch: held.assignment.epoch, die: () => resolve(undefined) };
};

/** A run goes by what it has in memory; what an agent says is held against the record. */
const holding = async (story: Story, { kind, held, epoch }: Claimed): Promise<HeldAssignment> => {
  if (kind === 'run') return held;
  const { task, owner } = held.assignment;
  const lease = { token: owner?.run ?? '', epoch };
  const standing = await standingOf({ org, agent, task, assignment: story.id, lease }, noEnding);
  if (standing.state === 'ended') throw new Error('It asked for no ending.');
  return standing.held;
};

/** A lease that never ends carries the epoch under which it was renewed. */
const foreverMs = 4_000_000_000_000;

/** Every event carries the epoch of who says it, so that the stream shows who was believed when. */
const eventFor = ({ kind, epoch }: Claimed, does: Saying['does']): AssignmentEventBody => {
  if (does === 'deliver') {
    const result = someResult({ artifact: `${epoch}` });
    return { type: 'assignment.succeeded', data: { result, successors: [], notes: {}, calls: [] } };
  }
  if (does === 'give back') {
    const failure = { code: 'given_back', detail: `${epoch}` };
    return { type: 'assignment.released', data: { failure, fault: 'busy', retryAt: new Date(0), calls: [] } };
  }
  return kind === 'agent'
    ? { type: 'assignment.lease_renewed', data: { leaseUntil: new Date(foreverMs + epoch) } }
    : { type: 'assignment.artifact_rejected', data: { repair: epoch, findings: [], calls: [] } };
};

const epochIn = ({ data }: AssignmentEventBody): number | undefined => {
  if ('epoch' in data) return data.epoch;
  if ('leaseUntil' in data) return data.leaseUntil.getTime() - foreverMs;
  if ('repair' in data) return data.repair;
  if ('failure' in data) return Number(data.failure.detail);
  return 'result' in data ? Number(data.result.artifact) : undefined;
};

const say = async (story: Story, claimed: Claimed, does: Saying['does']): Promise<boolean> => {
  const body = eventFor(claimed, does);
  const said = await unlessRefused(async () => {
    const held = await holding(story, claimed);
    return does === 'go on' ? held.note(body) : held.end(does === 'deliver' ? 'done' : 'failed', body);
  });
  if (said) story.accepted.push({ type: body.type, epoch: claimed.epoch });
  return said !== undefined;
};

/** Does it; answers whether it was accepted. */
const perform = async (story: Story, action: Action): Promise<boolean> => {
  if (action.does !== 'claim') {
    const claimed = pick(story.claims, action.by);
    return claimed !== undefined && say(story, claimed, action.does);
  }
  const directive = pick(story.directives, action.sent);
  const claimed = directive && (await claimAs(action.kind, directive));
  if (!claimed) return false;
  story.claims.push(claimed);
  story.accepted.push({ type: 'assignment.started', epoch: claimed.epoch });
  return true;
};

const silence = async ({ claims }: Story, { value }: Stored<Assignment>): Promise<void> => {
  const holder = claims.find(({ epoch }) => epoch === value.epoch);
  if (value.state !== 'running' || !holder) return;
  holder.die();
  if (holder.kind === 'agent') await expireLease(value);
};

const isFree = async ({ value, revision }: Stored<Assignment>): Promise<boolean> =>
  value.state === 'ready' || (value.state === 'running' && !(await isAlive(value, timeOf(revision))));

const play = async (story: Story, { fallsSilent, actions }: Step): Promise<void> => {
  if (fallsSilent) await silence(story, await recordOf(story));
  const before = await recordOf(story);
  const wasFree = await isFree(before);
  const isHeldBy = (by: number) =>
    before.value.state === 'running' && pick(story.claims, by)?.epoch === before.value.epoch;
  const expected = actions.map((each) => (each.does === 'claim' ? wasFree : isHeldBy(each.by)));
  const done = await Promise.all(actions.map((each) => perform(story, each)));
  const after = await recordOf(story);
  story.directives.push(after);
  const claims = done.filter((accepted, index) => accepted && actions[index]?.does === 'claim').length;
  expect(claims).toBe(after.value.epoch - before.value.epoch);
  expect(claims).toBeLessThanOrEqual(1);
  // Alone, it is accepted exactly if it must be; of several, the stream shows in the end whether their order was one that may be.
  if (actions.length === 1) expect(done).toEqual(expected);
  if (!wasFree && actions.every(({ does }) => does === 'claim' || does === 'go on')) expect(claims).toBe(0);
};

/** What is on record after its creation, in order. */
const streamOf = async ({ id }: Story): Promise<{ type: string; epoch: number }[]> => {
  const { docs } = await eventsOf(org, parent.task).where('stream', '==', id).get();
  return docs
    .map((document) => parseSnapshot(event, document).value)
    .toSorted((a, b) => a.seq - b.seq)
    .slice(1)
    .map((each) => ({ type: each.type, epoch: epochIn(assignmentEventBody.parse(each)) ?? 0 }));
};

const live = async (steps: readonly Step[]): Promise<void> => {
  const story = await begin();
  try {
    for (const each of steps) await play(story, each);
  } finally {
    for (const { die } of story.claims) die();
  }
  const stream = await streamOf(story);
  let current = 0;
  for (const { type, epoch } of stream) {
    if (type === 'assignment.started') current += 1;
    expect({ type, epoch }).toEqual({ type, epoch: current });
  }
  const said = (all: typeof stream) => all.map(({ type, epoch }) => `${epoch} ${type}`).toSorted();
  expect(said(stream)).toEqual(said(story.accepted));
};

test('one holder at most is believed under each epoch, and epochs only rise, whoever claims, dies and goes on (C2)', async () => {
  const stories = fc.array(fc.array(step, { minLength: 3, maxLength: 8 }), { minLength: 6, maxLength: 6 });
  const property = fc.asyncProperty(stories, async (all) => {
    await Promise.all(all.map(live));
  });
  await fc.assert(property, { seed: 20_261_123, numRuns: 10, endOnFailure: true });
});
