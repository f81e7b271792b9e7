// A task that cannot go on says who is in its way, at once: in its waits, in its report, and upward.
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { getReport, listAssignments } from '../../../src/coordination/index.ts';
import type { TaskId, Wait } from '../../../src/coordination/schemas.ts';
import { switchAgent } from '../../../src/agents/change-agent.ts';
import { listEscalations } from '../../../src/governance/index.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => team.providers.setFaults([]));
beforeDatabaseCloses(() => team.stop());

const plan = [{ id: 'one', specialist: 'nodejs-expert', title: 'One', artifactKind: 'markdown' }];

const troublesOf = async (id: TaskId): Promise<readonly Wait[]> => (await team.stored(id)).value.waits;

test('a wrong key at every provider is seen at once, and the work goes on when it is put right', async () => {
  team.providers.setFaults([{ contains: 'wrong-key-case', fault: { kind: '401' } }]);
  const { id } = await team.submit({ title: 'wrong-key-case', category: 'performance', plan });

  const waits = await until(async () => {
    const found = await troublesOf(id);
    return found.length === 3 ? found : undefined;
  });

  const [released] = await listAssignments(org, id);
  expect(released).toMatchObject({ state: 'ready', failure: { code: 'llm.providers_refuse_us' } });
  expect(waits).toMatchObject(
    ['anthropic', 'openai', 'google'].map((provider) => ({
      kind: 'provider',
      party: `provider:${provider}`,
      reason: expect.stringContaining('unauthorized'),
      retryAt: released?.retryAt,
      onSilence: 'fail',
    })),
  );
  expect((await team.stored(id)).value.state).toBe('working');
  const { concerns } = await getReport(org, id);
  expect(concerns).toContainEqual(expect.stringMatching(/^Waits for provider:anthropic: .*unauthorized/));
  const raised = await until(async () => {
    const { escalations } = await listEscalations(org, { pageSize: 10 });
    return escalations.length >= 3 ? escalations : undefined;
  });
  expect(raised.map(({ severity, subject }) => [severity, subject]).sort()).toEqual([
    ['high', 'anthropic'],
    ['high', 'google'],
    ['high', 'openai'],
  ]);
  team.providers.setFaults([]);
  await until(async () => {
    await team.advance(id);
    const [assignment] = await listAssignments(org, id);
    return assignment?.state === 'succeeded' ? true : undefined;
  });
  expect(await team.over(id)).toMatchObject({ state: 'completed', waits: [] });
  // The pause before the second try is half a minute at most.
}, 60_000);

test('a disabled agent is seen at once, and told of', async () => {
  team.providers.setFaults([{ contains: 'disabled-case', fault: { kind: 'hold' } }]);
  const mine = [...plan, { ...plan[0], id: 'two', specialist: 'llm-architect', dependsOn: ['one'] }];
  const { id } = await team.submit({ title: 'disabled-case', category: 'performance', plan: mine });
  await switchAgent('llm-architect', false, { org, by: 'operator-1', now: new Date() });
  team.providers.setFaults([]);

  const [wait] = await until(async () => {
    const found = await troublesOf(id);
    return found.length > 0 ? found : undefined;
  });

  expect(wait).toMatchObject({ kind: 'agent', party: 'agent:llm-architect', onSilence: 'fail' });
  const told = await until(async () => {
    const { escalations } = await listEscalations(org, { pageSize: 10 });
    return escalations.find(({ subject }) => subject === 'agent:llm-architect');
  });
  expect(told).toMatchObject({ trigger: 'third-party-failure' });
});
