import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseSpecialistOutput, specialistOutputSchema } from '../../../../functions/src/agents/output.ts';
import { type ArtifactKind, artifactKinds, checkArtifact } from '../../../../functions/src/artifacts/index.ts';
import { categories } from '../../../../functions/src/coordination/delegation.ts';
import { answer } from '../answer.ts';
import type { JsonSchema } from '../prompt.ts';
import { PrefixCache } from '../usage.ts';

/** The answer to one user's text in a schema, as any of the protocols would carry it. */
const answerTo = (text: string, schema: JsonSchema, name = '', system = ''): unknown => {
  const prompt = {
    model: 'a-model',
    stream: false,
    system,
    turns: [{ role: 'user' as const, text }],
    tools: [],
    output: { kind: 'json' as const, name, schema },
    reasoning: false,
    effort: 'none' as const,
    thinkingBudget: undefined,
    showsThinking: false,
    maxOutputTokens: undefined,
    reportsUsage: true,
    prefix: undefined,
  };
  return JSON.parse(answer({ prompt, id: 'id', account: 'account', fault: undefined }, new PrefixCache()).text);
};

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema) as JsonSchema;

const tasks = [
  'We need to add a new endpoint for extracting metadata from documents',
  'Our LLM costs are getting too high and responses are slow',
  'Can we add real-time document collaboration to the editor?',
  JSON.stringify({ title: 'Store "class" and function matches', description: 'For the service `x` ${y} */' }),
  'データベース',
];

describe('task_analysis', () => {
  const schema = z.strictObject({
    category: z.enum(categories),
    priority: z.enum(['critical', 'high', 'medium', 'low']),
    reason: z.string().max(500),
  });

  test.each([
    ['We need to add a new endpoint for extracting metadata from documents', 'api-design', 'medium'],
    ['Our LLM costs are getting too high and responses are slow', 'llm-integration', 'high'],
    ['Can we add real-time document collaboration to the editor?', 'cloud-functions', 'medium'],
    ['Design collections and indexes for invoices, nice to have', 'database-schema', 'low'],
    ['Data loss: sign-in tokens and roles leak to other orgs', 'authentication', 'critical'],
    ['Cut the p95 latency and cold starts', 'performance', 'medium'],
  ])('%s', (text, category, priority) => {
    const analysis = schema.parse(answerTo(text, jsonSchema(schema), 'task_analysis'));
    expect(analysis).toMatchObject({ category, priority });
    expect(analysis.reason).toContain(category);
  });

  test('keeps to the labels of the schema', () => {
    const other = z.strictObject({ category: z.enum(['one', 'two']), priority: z.enum(['now', 'later']) });
    expect(other.safeParse(answerTo('An endpoint', jsonSchema(other))).success).toBe(true);
  });
});

describe('plan_proposal', () => {
  const schema = z.strictObject({
    assignments: z.array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
        specialist: z.enum([
          'api-designer',
          'nodejs-expert',
          'firebase-specialist',
          'security-engineer',
          'cloud-architect',
        ]),
        title: z.string().min(1).max(200),
        instructions: z.string(),
        dependsOn: z.array(z.string()),
      }),
    ),
  });

  const planFor = (text: string, system = '') =>
    schema.parse(answerTo(text, jsonSchema(schema), 'plan_proposal', system)).assignments;

  /** Ids in an order in which every one comes after those it depends on, as far as there is such an order. */
  const sorted = (plan: ReturnType<typeof planFor>) => {
    const done: string[] = [];
    for (let found = true; found;) {
      const next = plan.find(
        ({ id, dependsOn }) => !done.includes(id) && dependsOn.every((each) => done.includes(each)),
      );
      found = next !== undefined;
      if (next) done.push(next.id);
    }
    return done;
  };

  test.each(tasks)('is acyclic and has unique ids: %s', (text) => {
    const plan = planFor(text);
    expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
    expect(sorted(plan)).toHaveLength(plan.length);
    expect(plan.length).toBeGreaterThan(3);
  });

  test('has a review by each of those who must take part, before the security review', () => {
    const plan = planFor(
      'Store recipes',
      'nodejs-expert leads; api-designer, cloud-architect must take part, each by a review.',
    );
    const reviews = plan.filter(({ id }) => id.startsWith('review-'));
    expect(reviews.map(({ specialist }) => specialist)).toEqual(['api-designer', 'cloud-architect']);
    const security = plan.find(({ id }) => id === 'security');
    expect(security?.dependsOn).toEqual(expect.arrayContaining(reviews.map(({ id }) => id)));
  });

  test('is cyclic when the user asks for it', () => {
    const plan = planFor('Documents [[stand-in: cyclic-plan]]');
    const ids = plan.map(({ id }) => id);
    expect(plan.every(({ dependsOn }) => dependsOn.every((id) => ids.includes(id)))).toBe(true);
    expect(sorted(plan)).toEqual([]);
  });

  test('has the security review look at nothing but the contract when the user asks for it', () => {
    const plan = planFor('Documents [[stand-in: blind-review]]');
    expect(plan.find(({ id }) => id === 'security')?.dependsOn).toEqual(['contract']);
  });
});

const outputOf = (kind: ArtifactKind) => {
  const schema = specialistOutputSchema(kind);
  return { schema, parse: (answered: unknown) => parseSpecialistOutput(kind, JSON.stringify(answered)) };
};

const deliver = (kind: ArtifactKind, text: string, name = 'specialist_output') => {
  const { schema, parse } = outputOf(kind);
  const parsed = parse(answerTo(text, schema, name));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.output;
};

const checkOf = async (kind: ArtifactKind, text: string) =>
  checkArtifact(kind, deliver(kind, text).artifact.content, { org: 'acme' });

describe('specialist_output', () => {
  test.each(artifactKinds)('%s: the artifact is valid, passes and raises no concern', async (kind) => {
    for (const text of tasks) {
      expect(await checkOf(kind, text)).toMatchObject({ valid: true, concerns: [] });
      expect(await checkOf(kind, text)).not.toMatchObject({ verdict: 'changes-needed' });
    }
  });

  test.each(artifactKinds)('%s: speaks of the task', (kind) => {
    const prompt =
      'Your assignment: Review the contract\n\n<m1 name="task">\nStore the recipes of a cook\n</m1>\n\n<m1>Other</m1>';
    const { artifact, summary } = deliver(kind, prompt);
    expect(artifact.content).toMatch(/recipe/i);
    expect(summary).toContain('Store the recipes of a cook');
  });

  test('is known by its shape where the protocol sends no name', async () => {
    const output = deliver('openapi', 'Store recipes', '');
    expect(await checkArtifact('openapi', output.artifact.content, { org: 'acme' })).toMatchObject({ valid: true });
  });

  test.each(artifactKinds)('%s: is invalid once when asked, and valid in the repair', async (kind) => {
    const text = 'Store recipes [[stand-in: invalid-artifact]]';
    expect(await checkOf(kind, text)).toMatchObject({ valid: false });
    expect(await checkOf(kind, `${text}\nDeliver it again, with all findings resolved:`)).toMatchObject({
      valid: true,
    });
  });

  test('stays invalid when asked', async () => {
    const text = 'Store recipes [[stand-in: always-invalid-artifact]] findings: it is empty';
    expect(await checkOf('openapi', text)).toMatchObject({ valid: false });
  });

  test.each(['code-review', 'security-review', 'performance-review'] as const)(
    '%s: asks for changes once, with concerns',
    async (kind) => {
      const text = 'Store recipes [[stand-in: changes-needed]]';
      const first = await checkOf(kind, text);
      expect(first).toMatchObject({ valid: true, verdict: 'changes-needed', concerns: [expect.any(String)] });
      expect(await checkOf(kind, `${text}\nThis is a review after a rework.`)).toMatchObject({
        valid: true,
        verdict: 'pass',
      });
    },
  );
});
