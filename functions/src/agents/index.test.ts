import { describe, expect, test } from '@jest/globals';
import { artifactKinds } from '../artifacts/index.ts';
import { orgId } from '../platform/schemas.ts';
import { builtInAgent } from './built-in.ts';
import { roleCardOf, roleCards, whyUnsuitable } from './index.ts';
import { agent, builtinSpecialists, roleCard, type BuiltinSpecialist } from './schemas.ts';

const org = orgId.parse('acme');

/** Of the specification, section "Specialist Management". */
const specified: Partial<Record<BuiltinSpecialist, string[]>> = {
  'firebase-specialist': [
    'Firestore data model reviews',
    'Security rules validation',
    'Function optimization strategies',
    'Cost monitoring and optimization',
  ],
  'api-designer': [
    'RESTful design principles',
    'GraphQL schema decisions',
    'API versioning strategies',
    'Documentation standards',
  ],
  'nodejs-expert': [
    'Firebase Functions optimization',
    'Async pattern implementation',
    'Memory management strategies',
    'Performance profiling',
  ],
  'llm-architect': [
    'RAG pipeline design',
    'Model selection and routing',
    'Cost optimization strategies',
    'Production deployment patterns',
  ],
  'prompt-engineer': [
    'Prompt template optimization',
    'A/B testing frameworks',
    'Token usage reduction',
    'Quality metrics tracking',
  ],
  'ml-engineer': [
    'Knowledge extraction pipelines',
    'Embedding system optimization',
    'Model serving infrastructure',
    'Performance benchmarking',
  ],
};

describe('the role cards', () => {
  test.each(builtinSpecialists)('%s fits the schema and stands under its own id', (id) => {
    expect(roleCard.parse(roleCardOf(id)).id).toBe(id);
  });

  test.each(builtinSpecialists)('%s is a whole agent of any org', (id) => {
    expect(agent.parse(builtInAgent(org, id))).toMatchObject({ ...roleCardOf(id), org, enabled: true });
  });

  test.each(Object.entries(specified))('%s is for what the specification says', (id, responsibilities) => {
    expect(roleCardOf(id).responsibilities).toEqual(responsibilities);
  });

  test('cover every kind of artifact, and every name is used once', () => {
    const cards = Object.values(roleCards);
    expect(artifactKinds.filter((kind) => !cards.some(({ produces }) => produces.includes(kind)))).toEqual([]);
    expect(new Set(cards.map(({ name }) => name)).size).toBe(builtinSpecialists.length);
  });

  test('refuse a card with a field that nobody reads', () => {
    expect(roleCard.safeParse({ ...roleCardOf('api-designer'), mood: 'good' }).success).toBe(false);
  });

  test('of an agent that is not built in are not here', () => {
    expect(() => roleCardOf('linguist')).toThrow('No agent "linguist" is built in.');
  });
});

describe('whyUnsuitable', () => {
  const designer = builtInAgent(org, 'api-designer');

  test.each([
    ['an agent that delivers it', [designer], 'openapi', undefined],
    [
      'an agent that does not',
      [designer],
      'security-rules',
      'the agent "api-designer" does not deliver "security-rules"',
    ],
    ['a disabled agent', [{ ...designer, enabled: false }], 'openapi', 'the agent "api-designer" is disabled'],
    ['nobody', [], 'openapi', 'there is no agent "api-designer"'],
  ] as const)('judges %s', (_, agents, kind, why) => {
    expect(whyUnsuitable(agents, 'api-designer', kind)).toBe(why);
  });
});
