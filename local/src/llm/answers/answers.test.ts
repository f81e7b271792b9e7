import { describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { z } from 'zod';
import { checkDeploymentPlan } from '../../../../functions/src/artifacts/kinds/deployment-plan.ts';
import { checkFirestoreSchema } from '../../../../functions/src/artifacts/kinds/firestore-schema.ts';
import { checkLlmDesign } from '../../../../functions/src/artifacts/kinds/llm-design.ts';
import { checkMarkdown } from '../../../../functions/src/artifacts/kinds/markdown.ts';
import { checkPerformanceReview } from '../../../../functions/src/artifacts/kinds/performance-review.ts';
import { checkPromptTemplate } from '../../../../functions/src/artifacts/kinds/prompt-template.ts';
import { checkSecurityReview } from '../../../../functions/src/artifacts/kinds/security-review.ts';
import { checkSecurityRules } from '../../../../functions/src/artifacts/kinds/security-rules.ts';
import { checkServiceBoundaries } from '../../../../functions/src/artifacts/kinds/service-boundaries.ts';
import { checkTypescript } from '../../../../functions/src/artifacts/kinds/typescript.ts';
import type { ArtifactCheck } from '../../../../functions/src/artifacts/schemas.ts';
import { categories } from '../../../../functions/src/coordination/delegation.ts';
import { answer } from '../answer.ts';
import type { JsonSchema } from '../prompt.ts';
import { PrefixCache } from '../usage.ts';

/** The answer to one user's text in a schema, as any of the protocols would carry it. */
const answerTo = (text: string, schema: JsonSchema, name = ''): unknown => {
  const prompt = {
    model: 'a-model',
    stream: false,
    system: '',
    turns: [{ role: 'user' as const, text }],
    tools: [],
    output: { kind: 'json' as const, name, schema },
    reasoning: false,
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

  const planFor = (text: string) => schema.parse(answerTo(text, jsonSchema(schema), 'plan_proposal')).assignments;

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

  test('is cyclic when the user asks for it', () => {
    const plan = planFor('Documents [[stand-in: cyclic-plan]]');
    const ids = plan.map(({ id }) => id);
    expect(plan.every(({ dependsOn }) => dependsOn.every((id) => ids.includes(id)))).toBe(true);
    expect(sorted(plan)).toEqual([]);
  });
});

const lint = async (source: string): Promise<ArtifactCheck> => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, config });
  return problems.length === 0
    ? { valid: true, metrics: {}, verdict: null, concerns: [] }
    : { valid: false, findings: problems.map(({ ruleId, message }) => ({ where: ruleId, message })) };
};

const checks: Readonly<Record<string, (content: string) => ArtifactCheck | Promise<ArtifactCheck>>> = {
  openapi: lint,
  typescript: checkTypescript,
  'security-rules': checkSecurityRules,
  'firestore-schema': checkFirestoreSchema,
  'service-boundaries': checkServiceBoundaries,
  'llm-design': checkLlmDesign,
  'prompt-template': checkPromptTemplate,
  markdown: checkMarkdown,
  'security-review': checkSecurityReview,
  'performance-review': checkPerformanceReview,
  'deployment-plan': checkDeploymentPlan,
};

const outputOf = (kind: string) =>
  z.strictObject({
    summary: z.string(),
    artifact: z.strictObject({ kind: z.literal(kind), title: z.string(), content: z.string() }),
    notes: z.strictObject({ service: z.string() }).partial(),
  });

const deliver = (kind: string, text: string) =>
  outputOf(kind).parse(answerTo(text, jsonSchema(outputOf(kind)), 'specialist_output'));

const checkOf = async (kind: string, text: string) => checks[kind]?.(deliver(kind, text).artifact.content);

describe('specialist_output', () => {
  test.each(Object.keys(checks))('%s: the artifact is valid, passes and raises no concern', async (kind) => {
    for (const text of tasks) {
      expect(await checkOf(kind, text)).toMatchObject({ valid: true, concerns: [] });
      expect(await checkOf(kind, text)).not.toMatchObject({ verdict: 'changes-needed' });
    }
  });

  test.each(Object.keys(checks))('%s: speaks of the task', (kind) => {
    const { artifact, summary } = deliver(kind, 'Store the recipes of a cook');
    expect(artifact.content).toMatch(/recipe/i);
    expect(summary).toContain('Store the recipes of a cook');
  });

  test('is known by its shape where the protocol sends no name', async () => {
    const output = outputOf('openapi').parse(answerTo('Store recipes', jsonSchema(outputOf('openapi'))));
    expect(await lint(output.artifact.content)).toMatchObject({ valid: true });
  });

  test.each(Object.keys(checks))('%s: is invalid once when asked, and valid in the repair', async (kind) => {
    const text = 'Store recipes [[stand-in: invalid-artifact]]';
    expect(await checkOf(kind, text)).toMatchObject({ valid: false });
    expect(await checkOf(kind, `${text}\nThe findings: it is empty.`)).toMatchObject({ valid: true });
  });

  test('stays invalid when asked', async () => {
    const text = 'Store recipes [[stand-in: always-invalid-artifact]] findings: it is empty';
    expect(await checkOf('openapi', text)).toMatchObject({ valid: false });
  });

  test.each(['security-review', 'performance-review'])('%s: asks for changes once, with concerns', async (kind) => {
    const text = 'Store recipes [[stand-in: changes-needed]]';
    const first = await checkOf(kind, text);
    expect(first).toMatchObject({ valid: true, verdict: 'changes-needed', concerns: [expect.any(String)] });
    expect(await checkOf(kind, `${text}\nRework after: the review`)).toMatchObject({ valid: true, verdict: 'pass' });
  });
});
