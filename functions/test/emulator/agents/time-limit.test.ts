// The time that an assignment may take, when an agent of the org's own holds it: nobody goes beyond it, and nobody has to be there
// for it to end.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import { json } from '../api/callers.ts';
import { justBefore, randomOrg } from '../harness.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import {
  current,
  enlist,
  eventTypes,
  expectLeaseLost,
  expireLease,
  goodOutput,
  handOut,
  makeTopics,
  pullAgents,
  sweepLater,
  useUpTime,
  workFor,
} from './hand-out.ts';
import type { AgentDirective } from '../../../src/coordination/external/schemas.ts';
import { listDeadLetters, listEffects } from '../../../src/coordination/index.ts';
import type { Assignment } from '../../../src/coordination/schemas.ts';
import { findTask } from '../../../src/coordination/task-store.firestore.ts';

jest.setTimeout(40_000);

const org = randomOrg();
const pubsub = new PubSub();
beforeAll(() => makeTopics(pubsub));
afterAll(() => pubsub.close());

const timeoutSeconds = 60;
const tooLateMs = 61_000;

const { atWork: claimedBy } = pullAgents(org, 'hurried');

/** An agent that has claimed work which may take a minute. */
const atWork = (limits: object = {}) => claimedBy({ timeoutSeconds, limits });

const expectTimeUp = async ({ task }: Assignment): Promise<void> => {
  const failure = { code: 'coordination.deadline_exceeded' };
  expect(await current(org, task)).toMatchObject({ state: 'failed', owner: null, result: null, failure });
  expect((await findTask(org, task))?.value).toMatchObject({ state: 'failed', failure });
};

describe('work whose time is up', () => {
  test('fails with its task though its holder is silent and nobody asks for it, and how it was asked is unknown (C1, C3)', async () => {
    const { agent, assignment, work } = await atWork();
    await sweepLater(assignment, tooLateMs - 2_000);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'running', epoch: 1 });
    await sweepLater(assignment, tooLateMs);
    await expectTimeUp(assignment);
    expect(await listEffects(org, assignment.task)).toMatchObject([{ kind: 'agent.dispatch', state: 'unknown' }]);
    const { deadLetters } = await listDeadLetters(org, { pageSize: 100 });
    expect(deadLetters.filter(({ messageId }) => messageId.startsWith(assignment.task))).toEqual([]);
    await expectLeaseLost(agent.complete(work));
  });

  test('fails also while it waits to be tried again', async () => {
    const { agent, assignment, work } = await atWork();
    await json(agent.fail(work, true));
    await sweepLater(assignment, tooLateMs);
    await expectTimeUp(assignment);
  });

  test('is not delivered any more: the delivery is refused and ends it', async () => {
    const { agent, assignment, work } = await atWork();
    await useUpTime(assignment);
    for (const _ of ['first', 'again']) await expectLeaseLost(agent.complete(work));
    await expectTimeUp(assignment);
    expect(await eventTypes(assignment)).not.toContain('assignment.succeeded');
  });

  test('is neither renewed nor given back', async () => {
    for (const say of ['heartbeat', 'fail'] as const) {
      const { agent, assignment, work } = await atWork();
      await useUpTime(assignment);
      await expectLeaseLost(agent[say](work, true));
      await expectTimeUp(assignment);
    }
  });

  test('is not claimed any more, neither by the agent that lost it nor as an offer', async () => {
    for (const offered of [false, true]) {
      const { agent, assignment } = await atWork();
      await expireLease(assignment);
      await useUpTime(assignment);
      if (offered) await handOut(assignment, 'again');
      expect((await agent.claim()).status).toBe(204);
      await expectTimeUp(assignment);
    }
  });

  test('is not taken from a webhook that answers too late', async () => {
    await using receiver = await startWebhookReceiver();
    receiver.answer = () => ({ status: 200, body: JSON.stringify(goodOutput) });
    await enlist(org, { id: 'slow-hook', kind: 'webhook', transport: { url: receiver.url } });
    const assignment = await workFor(org, 'slow-hook', { timeoutSeconds });
    justBefore('http.post', 1, () => useUpTime(assignment));
    await handOut(assignment);
    expect(receiver.requests).toHaveLength(1);
    await expectTimeUp(assignment);
  });
});

test('no lease runs longer than the work may take', async () => {
  const { agent, work } = await atWork({ leaseSeconds: 3_600, timeoutSeconds: 3_600 });
  const { lease } = (await json(agent.heartbeat(work))) as { lease: AgentDirective['lease'] };
  for (const { expiresAt } of [work.lease, lease]) expect(Date.parse(expiresAt)).toBeLessThan(Date.now() + tooLateMs);
});
