// The registry of agents: what every org has, what it says of it, and what it adds.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, json } from '../api/callers.ts';
import { observe, randomOrg } from '../harness.ts';
import {
  agentOf,
  roleCardOf,
  agentsOf,
  findBySkill,
  noteAtWork,
  noteFailure,
  signingSecretOf,
} from '../../../src/agents/index.ts';
import { maxAgents } from '../../../src/agents/agents.firestore.ts';
import { builtinSpecialists } from '../../../src/agents/schemas.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

const org = randomOrg();
const limits = { maxConcurrent: 10, leaseSeconds: 60, timeoutSeconds: 900 };
const linguist = {
  kind: 'pull',
  name: 'Linguist',
  summary: 'Knows words.',
  skills: ['words', 'grammar'],
  responsibilities: ['Wording of messages'],
  produces: ['markdown'],
};

const register = (body: object, at = org) => call('POST /v1/agents', { org: at, body });
const read = (id: string, at = org) => call(`GET /v1/agents/${id}`, { org: at });
const etagOf = async (id: string) => (await read(id)).headers.get('etag') ?? '';
const replace = async (id: string, body: object, etag?: string) =>
  call(`PUT /v1/agents/${id}`, { org, body, headers: { 'if-match': etag ?? (await etagOf(id)) } });
const idsOf = (page: Record<string, unknown>) => (page['agents'] as { id: string }[]).map(({ id }) => id);

describe('an org that has said nothing', () => {
  const silent = randomOrg();

  test('has the built-in agents, healthy or not nobody knows', async () => {
    const page = await json(call('GET /v1/agents', { org: silent }));
    expect(idsOf(page)).toEqual([...builtinSpecialists]);
    expect(page).toMatchObject({
      agents: expect.arrayContaining([
        expect.objectContaining({
          id: 'api-designer',
          kind: 'llm',
          builtIn: true,
          enabled: true,
          transport: null,
          limits: null,
          health: { state: 'unknown', lastSeenAt: null, consecutiveFailures: 0 },
          createdAt: null,
        }),
      ]) as unknown,
    });
    expect(JSON.stringify(page)).not.toContain(silent);
  });

  test('is answered 404 for any other agent', async () => {
    expect(await json(read('linguist', silent), 404)).toMatchObject({ code: 'agents.agent_not_found' });
  });
});

describe('registering', () => {
  test('adds an agent that is listed by skill, kind and state', async () => {
    const response = await register({ id: 'linguist', ...linguist });
    expect(response.headers.get('location')).toBe('agents/linguist');
    const made = await json(response, 201);
    expect(made).toMatchObject({
      ...linguist,
      id: 'linguist',
      version: 1,
      builtIn: false,
      createdBy: 'operator-1',
      limits,
    });
    expect(made).not.toHaveProperty('signingSecret');
    expect(await json(read('linguist'))).toEqual(made);
    for (const query of ['skill=grammar', 'kind=pull', 'skill=words&enabled=true']) {
      expect(idsOf(await json(call(`GET /v1/agents?${query}`, { org })))).toEqual(['linguist']);
    }
    expect(idsOf(await json(call('GET /v1/agents?kind=pull&enabled=false', { org })))).toEqual([]);
    expect((await findBySkill(org, 'grammar')).map(({ id }) => id)).toEqual(['linguist']);
  });

  test('again with the same content is a replay, with other content a conflict', async () => {
    const again = await register({ id: 'linguist', ...linguist });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(await json(register({ id: 'linguist', ...linguist, name: 'Poet' }), 409)).toMatchObject({
      code: 'agents.agent_exists',
    });
  });

  test('by many at once makes one agent', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => register({ id: 'contested', ...linguist, name: `Name ${index}` })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  test('a built-in id is a conflict, an unusable one and every other fault invalid', async () => {
    expect(await json(register({ id: 'api-designer', ...linguist }), 409)).toMatchObject({
      code: 'agents.agent_exists',
    });
    const faulty = await json(register({ id: 'No Id', ...linguist, skills: [], transport: { topic: 'x' } }), 400);
    expect((faulty['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted()).toEqual([
      '#/id',
      '#/skills',
      '#/transport',
    ]);
  });

  test('another org’s topic or an address of the internal network is refused', async () => {
    const topic = { topic: `agents.${randomOrg()}.linguist` };
    expect(await json(register({ id: 'a', ...linguist, kind: 'pubsub', transport: topic }), 422)).toMatchObject({
      code: 'agents.foreign_topic',
    });
    const url = { url: 'https://169.254.169.254/work' };
    expect(await json(register({ id: 'a', ...linguist, kind: 'webhook', transport: url }), 422)).toMatchObject({
      code: 'webhook.forbidden_address',
    });
  });
});

describe('the secret of a webhook agent', () => {
  const transport = { url: 'https://hooks.example/work' };
  const webhook = { ...linguist, kind: 'webhook', transport };

  test('is shown once, when it is made, and replaced on demand', async () => {
    const { signingSecret } = await json(register({ id: 'hook', ...webhook }), 201);
    expect(signingSecret).toMatch(/^whsec_/);
    expect(await signingSecretOf(org, 'hook')).toBe(signingSecret);
    expect(await json(register({ id: 'hook', ...webhook }), 201)).not.toHaveProperty('signingSecret');
    expect(await json(read('hook'))).not.toHaveProperty('signingSecret');
    const rotated = await json(call('POST /v1/agents/hook/rotate-secret', { org }));
    expect(rotated['signingSecret']).not.toBe(signingSecret);
    expect(await signingSecretOf(org, 'hook')).toBe(rotated['signingSecret']);
  });

  test('is made when an agent becomes a webhook, and only then', async () => {
    await json(register({ id: 'turned', ...linguist }), 201);
    expect(await json(call('POST /v1/agents/turned/rotate-secret', { org }), 409)).toMatchObject({
      code: 'agents.no_signing_secret',
    });
    const turned = await json(replace('turned', webhook));
    expect(turned).toMatchObject({
      kind: 'webhook',
      transport,
      version: 2,
      signingSecret: expect.any(String) as unknown,
    });
    expect(await json(replace('turned', { ...webhook, name: 'Still a hook' }))).not.toHaveProperty('signingSecret');
  });
});

describe('an edit', () => {
  test('names what it saw: 428 without, 412 when it was changed meanwhile', async () => {
    const etag = await etagOf('linguist');
    const bare = call('PUT /v1/agents/linguist', { org, body: linguist });
    expect(await json(bare, 428)).toMatchObject({ code: 'http.precondition_required' });
    expect(await json(replace('linguist', { ...linguist, name: 'First' }, etag))).toMatchObject({ name: 'First' });
    expect(await json(replace('linguist', { ...linguist, name: 'Second' }, etag), 412)).toMatchObject({
      code: 'http.precondition_failed',
    });
    expect(await json(read('linguist'))).toMatchObject({ name: 'First' });
  });

  test('is seen at once by the instance that made it', async () => {
    await agentOf(org, 'linguist');
    await json(replace('linguist', { ...linguist, name: 'Seen' }));
    expect(await agentOf(org, 'linguist')).toMatchObject({ name: 'Seen' });
  });

  test('overrides a built-in agent for this org alone, and only one of two that do at once', async () => {
    const etag = await etagOf('ml-engineer');
    const { version } = roleCardOf('ml-engineer');
    const bodies = ['One', 'Two'].map((name) => replace('ml-engineer', { ...linguist, name }, etag));
    expect((await Promise.all(bodies)).map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect(await json(read('ml-engineer'))).toMatchObject({
      kind: 'pull',
      builtIn: true,
      version: version + 1,
      limits,
    });
    expect(await json(read('ml-engineer', randomOrg()))).toMatchObject({ kind: 'llm', name: 'ML Engineer' });
  });
});

describe('disabling', () => {
  test('a built-in agent keeps its card up to date, and is undone by enabling', async () => {
    const disabled = await json(call('POST /v1/agents/prompt-engineer/disable', { org }));
    expect(disabled).toMatchObject({ enabled: false, name: 'Prompt Engineer', createdBy: 'operator-1' });
    expect(await json(call('POST /v1/agents/prompt-engineer/disable', { org }))).toEqual(disabled);
    const stored = await firestore().doc(`orgs/${org}/agents/prompt-engineer`).get();
    expect(stored.get('summary')).toBeUndefined();
    expect((await findBySkill(org, 'prompts')).map(({ id }) => id)).toEqual([]);
    expect(await json(call('POST /v1/agents/prompt-engineer/enable', { org }))).toMatchObject({ enabled: true });
    expect((await findBySkill(org, 'prompts')).map(({ id }) => id)).toEqual(['prompt-engineer']);
  });

  test('by many at once is the same as by one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call('POST /v1/agents/cloud-architect/disable', { org })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
  });
});

describe('deleting', () => {
  test('takes an own agent with its secret, and no built-in one', async () => {
    await json(
      register({ id: 'gone', ...linguist, kind: 'webhook', transport: { url: 'https://hooks.example/' } }),
      201,
    );
    expect((await call('DELETE /v1/agents/gone', { org })).status).toBe(204);
    expect(await json(read('gone'), 404)).toMatchObject({ code: 'agents.agent_not_found' });
    await expect(signingSecretOf(org, 'gone')).rejects.toMatchObject({ code: 'agents.no_signing_secret' });
    expect(await json(call('DELETE /v1/agents/api-designer', { org }), 409)).toMatchObject({ code: 'agents.built_in' });
  });
});

describe('health', () => {
  const watched: OrgId = randomOrg();
  beforeAll(() => register({ id: 'linguist', ...linguist }, watched));

  const health = async () => (await json(read('linguist', watched)))['health'];

  test('goes from seen to failing and back, without touching what people edit', async () => {
    const etag = (await read('linguist', watched)).headers.get('etag');
    await noteAtWork(watched, 'linguist', new Date(1_000));
    expect(await health()).toEqual({
      state: 'healthy',
      lastSeenAt: '1970-01-01T00:00:01.000Z',
      consecutiveFailures: 0,
    });
    for (const second of [2, 3, 4]) await noteFailure(watched, 'linguist', new Date(second * 1_000));
    expect(await health()).toMatchObject({ state: 'failing', consecutiveFailures: 3 });
    await noteAtWork(watched, 'linguist', new Date(5_000));
    expect(await health()).toMatchObject({ state: 'healthy', consecutiveFailures: 0 });
    expect((await read('linguist', watched)).headers.get('etag')).toBe(etag);
  });

  test('is written once a second at most, and no failure is lost (C7)', async () => {
    let writes = 0;
    observe({ before: (kind) => void (writes += Number(kind === 'firestore.commit')), after: () => undefined });
    const times = [10_000, 10_900, 10_950, 10_990];
    await Promise.all(times.map((at) => noteFailure(watched, 'linguist', new Date(at))));
    observe(undefined);
    expect(writes).toBe(2);
    expect(await health()).toMatchObject({ consecutiveFailures: 4 });
  });
});

test('where the work of an agent is sent only operators are told', async () => {
  const crowded = randomOrg();
  const transport = { url: 'https://hooks.example/as-good-as-a-password' };
  await json(register({ id: 'hook', ...linguist, kind: 'webhook', transport }, crowded), 201);
  for (const role of ['main-coordinator', 'operator', 'member'] as const) {
    const [agent, list] = await Promise.all(
      ['GET /v1/agents/hook', 'GET /v1/agents'].map((operation) => json(call(operation, { org: crowded, role }))),
    );
    const told = JSON.stringify([agent, list]).split(transport.url).length - 1;
    expect({ role, told }).toEqual({ role, told: role === 'member' ? 0 : 2 });
    expect(agent).toMatchObject({ id: 'hook', kind: 'webhook', enabled: true });
  }
});

test('the registration that fills the registry is replayed when it comes again, and no other is taken', async () => {
  const full = randomOrg();
  const free = maxAgents - builtinSpecialists.length;
  const batch = firestore().batch();
  for (let nth = 1; nth < free; nth++) batch.create(firestore().doc(`orgs/${full}/agents/agent-${nth}`), { org: full });
  await batch.commit();
  await json(register({ id: 'last', ...linguist }, full), 201);
  const again = await register({ id: 'last', ...linguist }, full);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(await json(register({ id: 'one-more', ...linguist }, full), 409)).toMatchObject({
    code: 'agents.registry_full',
  });
});

test('an agent that cannot be read is missing, and the others of its org are there', async () => {
  const spoiled = randomOrg();
  await json(register({ id: 'linguist', ...linguist }, spoiled), 201);
  for (const id of ['broken', 'api-designer']) {
    await firestore().doc(`orgs/${spoiled}/agents/${id}`).set({ kind: 'nonsense' });
  }
  await firestore().doc(`orgs/${spoiled}/agentHealth/linguist`).set({ lastSeenAt: 'nonsense' });
  const others = [...builtinSpecialists.filter((id) => id !== 'api-designer'), 'linguist'];
  expect((await agentsOf(spoiled)).map(({ id }) => id)).toEqual(others);
  expect(idsOf(await json(call('GET /v1/agents', { org: spoiled })))).toEqual(others);
});

test('an org’s registry is read once for all who ask at a time', async () => {
  const crowd = randomOrg();
  const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => agentsOf(crowd)));
  expect(first).toHaveLength(builtinSpecialists.length);
  expect(others.every((agents) => agents[0] === first?.[0])).toBe(true);
});
