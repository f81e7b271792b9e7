// What an agent that asks gets although there is something in the way: offers of work that is over, and records that cannot be read.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import { randomOrg } from '../harness.ts';
import { current, expireLease, handOut, makeTopics, pullAgents, workFor } from './hand-out.ts';
import { bestOffers } from '../../../src/coordination/external/offers.firestore.ts';
import { cancelTask } from '../../../src/coordination/index.ts';
import type { Assignment } from '../../../src/coordination/schemas.ts';
import { firestore } from '../../../src/platform/firestore.ts';

jest.setTimeout(40_000);

const org = randomOrg();
const pubsub = new PubSub();
beforeAll(() => makeTopics(pubsub));
afterAll(() => pubsub.close());

const { newAgent } = pullAgents(org, 'patient');

/** As many as an agent is given to try at a time, and one more. */
const moreThanTried = 6;

const offered = async (agent: string, priority: 'high' | 'low' = 'high'): Promise<Assignment> => {
  const assignment = await workFor(org, agent, { priority });
  await handOut(assignment);
  return assignment;
};

const spoil = ({ task, id }: Assignment) =>
  firestore().doc(`orgs/${org}/tasks/${task}/assignments/${id}`).update({ title: 0 });

test('work behind offers of work that is over is given at once', async () => {
  const agent = await newAgent();
  for (let nth = 0; nth < moreThanTried; nth++) {
    const { task } = await offered(agent.id);
    await cancelTask(org, task, { by: 'operator-1' });
  }
  const low = await offered(agent.id, 'low');
  expect(await agent.claimed()).toMatchObject({ task: low.task });
  expect(await bestOffers(org, agent.id, 1)).toEqual([]);
});

test('there is no work when all that is offered is over', async () => {
  const agent = await newAgent();
  const { task } = await offered(agent.id);
  await cancelTask(org, task, { by: 'operator-1' });
  expect((await agent.claim()).status).toBe(204);
});

test('work behind offers and assignments that cannot be read is given, and their offers are gone', async () => {
  const agent = await newAgent();
  const unreadable = { agent: agent.id, rank: 0, offeredAt: new Date(0) };
  for (let nth = 0; nth < moreThanTried; nth++) {
    await firestore().doc(`orgs/${org}/offers/unreadable-${nth}`).set(unreadable);
  }
  await spoil(await offered(agent.id));
  const low = await offered(agent.id, 'low');
  expect(await agent.claimed()).toMatchObject({ task: low.task });
  expect(await bestOffers(org, agent.id, 1)).toEqual([]);
});

test('what the agent let lapse is given again though something else that it let lapse cannot be read', async () => {
  const agent = await newAgent();
  const [spoiled, whole] = [await offered(agent.id), await offered(agent.id)];
  for (const each of [await agent.claimed(), await agent.claimed()]) await expireLease(await current(org, each.task));
  await spoil(spoiled);
  expect(await agent.claimed()).toMatchObject({ task: whole.task, lease: { epoch: 2 } });
});
