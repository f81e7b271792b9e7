// Work that an agent of the org's own gave back for now, with the runner at work and no sweeper: it comes again by itself.
import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { json } from '../api/callers.ts';
import { startTeam, until, type Team } from '../coordination/team.ts';
import { beforeDatabaseCloses, randomOrg } from '../harness.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';
import { asAgent, current, enlist } from './hand-out.ts';
import type { AgentDirective } from '../../../src/coordination/external/schemas.ts';
import { pauseTask } from '../../../src/coordination/pause-task.ts';

jest.setTimeout(60_000);

const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => expect(team.failures).toEqual([]));
beforeDatabaseCloses(() => team.stop());

const submitFor = (specialist: string) =>
  team.submit({
    title: 'Meet',
    category: 'api-design',
    plan: [{ id: 'minutes', specialist, title: 'Take the minutes', artifactKind: 'markdown' }],
  });

/** Gives the work back for now; resolves with the time of its next try. */
const giveBack = async (specialist: string, work: AgentDirective): Promise<number> => {
  await json(asAgent(org, specialist).fail(work, true));
  return (await current(org, work.task)).retryAt?.getTime() ?? 0;
};

test('an agent that asks finds it once the time of its next try has come, and no sooner', async () => {
  await enlist(org, { id: 'asks-again', kind: 'pull' });
  const agent = asAgent(org, 'asks-again');
  await submitFor('asks-again');
  const work = await agent.claimed({ waitSeconds: 20 });
  const retryAt = await giveBack('asks-again', work);
  const again = await agent.claimed({ waitSeconds: 20 });
  expect(again).toMatchObject({ task: work.task, lease: { epoch: 2 } });
  expect(Date.now()).toBeGreaterThanOrEqual(retryAt);
});

test('an agent that is called is called again once the time of its next try has come, and no sooner', async () => {
  await using receiver = await startWebhookReceiver();
  receiver.answer = () => ({ status: 202 });
  const directives = () => receiver.requests.map(({ body }) => JSON.parse(body) as AgentDirective);
  await enlist(org, { id: 'called-again', kind: 'webhook', transport: { url: receiver.url } });
  await submitFor('called-again');
  const retryAt = await giveBack('called-again', await until(() => Promise.resolve(directives()[0])));
  const again = await until(() => Promise.resolve(directives()[1]));
  expect(again.lease.epoch).toBe(2);
  expect(Date.now()).toBeGreaterThanOrEqual(retryAt);
});

test('while its task is paused it waits for the end of the pause', async () => {
  await enlist(org, { id: 'waits-paused', kind: 'pull' });
  const agent = asAgent(org, 'waits-paused');
  const { id } = await submitFor('waits-paused');
  const work = await agent.claimed({ waitSeconds: 20 });
  await pauseTask(org, id, { by: 'operator-1' });
  await giveBack('waits-paused', work);
  expect((await agent.claim({ waitSeconds: 3 })).status).toBe(204);
  expect(await current(org, id)).toMatchObject({ state: 'ready', epoch: 1 });
});
