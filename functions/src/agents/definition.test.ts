import { describe, expect, test } from '@jest/globals';
import { orgId } from '../platform/schemas.ts';
import { builtInAgent } from './built-in.ts';
import { definitionOf, requireAcceptable } from './definition.ts';
import { agent, agentDefinition, agentRegistration, type AgentDefinition } from './schemas.ts';

const org = orgId.parse('acme');
const card = {
  name: 'Linguist',
  summary: 'Knows words.',
  skills: ['words'],
  responsibilities: ['Words'],
  produces: ['markdown'],
};
const definition = (kind: string, transport?: object): AgentDefinition =>
  agentDefinition.parse({ ...card, kind, ...(transport && { transport }) });

const refusal = (said: AgentDefinition, allowPrivate = false): unknown => {
  try {
    requireAcceptable(org, said, { allowPrivate });
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('a definition', () => {
  test.each([
    ['llm', undefined],
    ['pull', undefined],
    ['pubsub', { topic: 'agents.acme.linguist' }],
    ['webhook', { url: 'https://linguist.example/work' }],
  ])('of kind %s is acceptable and comes back as it was said', (kind, transport) => {
    const said = definition(kind, transport);
    expect(refusal(said)).toBeUndefined();
    const { id, ...rest } = agentRegistration.parse({ ...said, id: 'linguist' });
    const stored = agent.parse({
      ...rest,
      id,
      org,
      version: 1,
      enabled: true,
      createdBy: 'x',
      createdAt: new Date(0),
      updatedAt: new Date(0),
    });
    expect(definitionOf(stored)).toEqual(said);
  });

  test('of an external agent has limits, that of a model has none', () => {
    expect(definition('pull').limits).toEqual({ maxConcurrent: 10, leaseSeconds: 60, timeoutSeconds: 900 });
    expect(definition('llm').limits).toBeNull();
    expect(definitionOf(builtInAgent(org, 'api-designer'))).toMatchObject({ kind: 'llm', limits: null });
  });

  test.each([
    'agents.acme',
    'agents.other.linguist',
    'agents.acmex.linguist',
    'coordination-tasks',
    'assignments-high',
  ])('with the topic %s is refused (D1)', (topic) => {
    expect(refusal(definition('pubsub', { topic }))).toMatchObject({
      code: 'agents.foreign_topic',
      errors: [{ pointer: '#/transport/topic' }],
    });
  });

  test.each(['http://linguist.example/', 'https://127.0.0.1/', 'https://169.254.169.254/'])(
    'with the address %s is refused except on a developer’s machine (D2)',
    (url) => {
      expect(refusal(definition('webhook', { url }))).toHaveProperty('code', expect.stringMatching(/^webhook\./));
      expect(refusal(definition('webhook', { url }), true)).toBeUndefined();
    },
  );

  test.each([
    ['a transport that its kind has no use for', { kind: 'pull', transport: { url: 'https://x.example' } }],
    ['the transport of another kind', { kind: 'pubsub', transport: { url: 'https://x.example' } }],
    ['no transport where one is needed', { kind: 'webhook' }],
    ['an unknown field', { kind: 'pull', mood: 'good' }],
    ['an unknown kind', { kind: 'pigeon' }],
    ['a skill that no query could name', { kind: 'pull', skills: ['Good Words'] }],
    ['an artifact that nobody can check', { kind: 'pull', produces: ['poem'] }],
  ])('with %s does not fit the schema', (_, changes) => {
    expect(agentDefinition.safeParse({ ...card, ...changes }).success).toBe(false);
  });
});
