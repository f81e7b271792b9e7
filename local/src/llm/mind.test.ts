// The whole way of a flaw, with the application's own prompts: an author makes it, a reviewer finds it, the rework is without it.
import { describe, expect, test } from '@jest/globals';
import { parseSpecialistOutput, specialistOutputSchema } from '../../../functions/src/agents/output.ts';
import { buildPrompt, type PromptInput, type PromptParts } from '../../../functions/src/agents/prompt.ts';
import { type ArtifactKind, artifactKinds, checkArtifact } from '../../../functions/src/artifacts/index.ts';
import { answer } from './answer.ts';
import { type CharacterOptions, characterOptions } from './character.ts';
import { DefectPlan, type DefectRule } from './defects.ts';
import type { Prompt } from './prompt.ts';
import { PrefixCache } from './usage.ts';

const card: PromptParts['card'] = {
  id: 'nodejs-expert',
  kind: 'llm',
  version: 1,
  name: 'Specialist',
  summary: 'Does the work.',
  skills: ['work'],
  responsibilities: ['The work.'],
  produces: [...artifactKinds],
  guidance: [],
};

const description = 'Store recipes of cooks';

interface Ask {
  readonly kind: ArtifactKind;
  readonly inputs?: readonly PromptInput[];
  readonly title?: string;
  readonly instructions?: string;
  readonly mayAsk?: boolean;
  readonly remarks?: PromptParts['assignment']['remarks'];
  readonly repair?: PromptParts['repair'];
}

interface Model {
  readonly character?: CharacterOptions;
  readonly defects?: readonly DefectRule[];
}

const promptFor = (
  { kind, inputs = [], remarks = [], repair, ...ask }: Ask,
  system?: (text: string) => string,
): Prompt => {
  const { title = `Make the ${kind}`, instructions = 'Do it.', mayAsk = false } = ask;
  const author = { kind: 'coordinator' as const };
  const assignment = { title, instructions, author, artifactKind: kind, remarks, mayAsk };
  const task = { title: 'Recipes', description, category: 'api-design' };
  const built = buildPrompt({ card, assignment, task, inputs, ...(repair && { repair }) });
  return {
    model: 'a-model',
    stream: false,
    system: system?.(built.system) ?? built.system,
    turns: built.messages,
    tools: [],
    output: { kind: 'json', name: 'specialist_output', schema: specialistOutputSchema(kind) },
    reasoning: false,
    effort: 'medium',
    thinkingBudget: undefined,
    showsThinking: false,
    maxOutputTokens: undefined,
    reportsUsage: true,
    prefix: undefined,
  };
};

const textOf = (prompt: Prompt, { character = {}, defects = [] }: Model) => {
  const plan = new DefectPlan();
  plan.setRules(defects);
  const request = { prompt, id: 'id', account: 'account', fault: undefined };
  return answer({ ...request, character: characterOptions.parse(character), defects: plan }, new PrefixCache()).text;
};

const deliver = (ask: Ask, model: Model) => {
  const parsed = parseSpecialistOutput(ask.kind, textOf(promptFor(ask), model));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.output;
};

const inputOf = (kind: ArtifactKind, content: string): PromptInput => ({
  assignment: `the-${kind}`,
  title: `The ${kind}`,
  kind,
  specialist: 'api-designer',
  content,
});

const made = (ask: Ask, model: Model) => inputOf(ask.kind, deliver(ask, model).artifact.content);

interface Review {
  readonly verdict: string;
  readonly findings: readonly Readonly<Record<string, string>>[];
}

const reviewed = (kind: ArtifactKind, inputs: readonly PromptInput[], model: Model) => {
  const content = deliver({ kind, inputs, title: 'Review it' }, model).artifact.content;
  return { content, review: JSON.parse(content) as Review };
};

const reworkInstructions = 'The review asks for changes. Deliver your artifact again with every finding resolved.';

/** Reviews look at one another rarely, and a review of its own kind never. */
const reviewerOf = (kind: ArtifactKind): ArtifactKind => (kind === 'code-review' ? 'security-review' : 'code-review');

describe.each(artifactKinds)('a defect planted into %s', (kind) => {
  const model: Model = { defects: [{ task: 'recipes of cooks', kind, marker: 'PLANTED-17' }] };

  test('is in the first version, which the check accepts', async () => {
    const { content } = made({ kind }, model);
    expect(content).toContain('PLANTED-17');
    expect(await checkArtifact(kind, content, { org: 'acme' })).toMatchObject({ valid: true });
  });

  test('is reported by a reviewer with the artifact, the place and what resolves it, until it is gone', async () => {
    const first = made({ kind }, model);
    const { review, content } = reviewed(reviewerOf(kind), [first], model);
    expect(await checkArtifact(reviewerOf(kind), content, { org: 'acme' })).toMatchObject({
      valid: true,
      verdict: 'changes-needed',
    });
    const [finding] = review.findings;
    expect(finding).toMatchObject({ severity: 'high', title: expect.stringContaining(kind) });
    expect(finding?.['recommendation']).toMatch(
      new RegExp(`In the ${kind} "The ${kind}", at (/\\S+|line \\d+): Remove`),
    );

    const inputs = [first, inputOf(reviewerOf(kind), content)];
    const second = made({ kind, inputs, title: 'Rework after: Review it', instructions: reworkInstructions }, model);
    expect(second.content).not.toContain('PLANTED-17');
    expect(reviewed(reviewerOf(kind), [second], model).review.verdict).toBe('pass');
  });

  test('stays through a rework that was told of something else, and away once it is mended', () => {
    const first = made({ kind }, model);
    const other = inputOf(reviewerOf(kind), '{"verdict":"changes-needed","findings":[]}');
    const again = { kind, title: 'Rework after: Review it', instructions: reworkInstructions };
    expect(made({ ...again, inputs: [first, other] }, model).content).toContain('PLANTED-17');
    const clean = made({ kind }, {});
    expect(made({ ...again, inputs: [clean, other] }, model).content).not.toContain('PLANTED-17');
  });
});

describe('a design that the service has accepted before', () => {
  test('is not what a reviewer objects to: no rework of the task could change it', () => {
    const model: Model = { defects: [{ kind: 'openapi', marker: 'PLANTED-17', stubborn: true }] };
    const flawed = made({ kind: 'openapi' }, model);
    const accepted = { ...flawed, assignment: 'accepted-openapi', accepted: true };
    const clean = made({ kind: 'openapi' }, {});
    expect(reviewed('code-review', [accepted, clean], model).review.verdict).toBe('pass');
    expect(reviewed('code-review', [accepted, flawed], model).review.verdict).toBe('changes-needed');
  });
});

describe('planted defects', () => {
  test('are in no other task and no other kind', () => {
    const defects = [{ task: 'another task', kind: 'markdown', marker: 'PLANTED-17' }];
    expect(made({ kind: 'markdown' }, { defects }).content).not.toContain('PLANTED-17');
    expect(made({ kind: 'openapi' }, { defects: [{ kind: 'markdown', marker: 'PLANTED-17' }] }).content).not.toContain(
      'PLANTED',
    );
  });

  test('that are stubborn are never mended', () => {
    const model: Model = { defects: [{ kind: 'typescript', marker: 'PLANTED-17', stubborn: true }] };
    const first = made({ kind: 'typescript' }, model);
    const { content } = reviewed('security-review', [first], model);
    const inputs = [first, inputOf('security-review', content)];
    expect(made({ kind: 'typescript', inputs }, model).content).toContain('PLANTED-17');
  });

  test('are seen only by the reviewers that the rule names', () => {
    const model: Model = { defects: [{ kind: 'typescript', marker: 'PLANTED-17', seenBy: ['performance-review'] }] };
    const first = made({ kind: 'typescript' }, model);
    expect(reviewed('security-review', [first], model).review.verdict).toBe('pass');
    expect(reviewed('performance-review', [first], model).review.verdict).toBe('changes-needed');
  });

  test('are reported in the fields that the application asks for', () => {
    const model: Model = { defects: [{ kind: 'openapi', marker: 'PLANTED-17' }] };
    const input = made({ kind: 'openapi' }, model);
    const fields =
      '"recommendation":{"type":"string"},"artifact":{"type":"string","description":"The title of the artifact."},"place":{"type":"string"},"resolution":{"type":"string"}';
    const system = (text: string) => text.replace(/"recommendation":\{[^}]*\}/, fields);
    const prompt = promptFor({ kind: 'code-review', inputs: [input] }, system);
    const { artifact } = JSON.parse(textOf(prompt, model)) as { artifact: { content: string } };
    expect((JSON.parse(artifact.content) as Review).findings[0]).toMatchObject({
      artifact: 'The openapi',
      place: '/info/description',
      resolution: 'Remove "PLANTED-17".',
    });
  });

  test.each([[{ kind: 'X' }], [{ kind: 'openapi', marker: 'a "quote"' }], [{ kind: 'openapi', sometimes: true }]])(
    'are refused when the rule does not fit: %j',
    (rule) => {
      expect(() => new DefectPlan().setRules([rule])).toThrow();
    },
  );
});

describe('a model that objects', () => {
  const model: Model = { character: { objections: 1 } };
  const natural = artifactKinds.filter((kind) => !kind.endsWith('-review'));

  test.each(natural)('%s has a flaw at first, which a reviewer sees and the rework lacks', async (kind) => {
    const first = made({ kind }, model);
    expect(await checkArtifact(kind, first.content, { org: 'acme' })).toMatchObject({ valid: true });
    const verdicts = (['code-review', 'security-review', 'performance-review'] as const).map((review) =>
      reviewed(review, [first], model),
    );
    const objection = verdicts.find(({ review }) => review.verdict === 'changes-needed');
    if (!objection) throw new Error(`Nobody objects to ${first.content}`);
    const inputs = [first, inputOf(reviewerOf(kind), objection.content)];
    const second = made({ kind, inputs, title: 'Rework after: Review it', instructions: reworkInstructions }, model);
    for (const review of ['code-review', 'security-review', 'performance-review'] as const) {
      expect(reviewed(review, [second], model).review.verdict).toBe('pass');
    }
  });
});

describe('a model that errs', () => {
  /** Seeds differ in what goes wrong. */
  const answers = (kind: ArtifactKind) =>
    Array.from({ length: 25 }, (_, seed) => textOf(promptFor({ kind }), { character: { seed, errors: 1 } }));

  test.each(artifactKinds)('%s: a mistake is found by the check, and the repair is sound', async (kind) => {
    const refused = [];
    for (const [seed, text] of answers(kind).entries()) {
      const parsed = parseSpecialistOutput(kind, text);
      if (!parsed.ok || (await checkArtifact(kind, parsed.output.artifact.content, { org: 'acme' })).valid) continue;
      refused.push(seed);
      const findings = [{ where: '', message: 'It is wrong.' }];
      const repaired = deliver({ kind, repair: { previous: text, findings } }, { character: { seed, errors: 1 } });
      expect(await checkArtifact(kind, repaired.artifact.content, { org: 'acme' })).toMatchObject({ valid: true });
    }
    expect(refused.length).toBeGreaterThan(0);
  });

  test('puts JSON into a code fence, after prose, or spoils it with a comma', () => {
    const texts = answers('openapi');
    expect(texts.some((text) => text.startsWith('```json'))).toBe(true);
    expect(texts.some((text) => text.startsWith('Here is'))).toBe(true);
    expect(texts.some((text) => text.endsWith(',}'))).toBe(true);
  });
});

describe('a model that decides and asks', () => {
  const character = { decisions: 1, questions: 1 };

  test('states decisions in words of its own, and none when it is calm', () => {
    const kinds = Array.from({ length: 20 }, (_, seed) =>
      deliver({ kind: 'openapi' }, { character: { seed, decisions: 1 } }).decisions.map((decision) => decision.kind),
    ).flat();
    expect(kinds).toEqual(
      expect.arrayContaining(['Firebase Auth as identity provider', 'composite indexes for listing']),
    );
    expect(deliver({ kind: 'openapi' }, {}).decisions).toEqual([]);
  });

  test('asks once where it may, delivers when it is answered, and never asks where it may not', () => {
    expect(deliver({ kind: 'openapi', mayAsk: true }, { character }).needs).toMatchObject({
      kind: 'answer',
      question: expect.stringMatching(/\?$/),
    });
    const remarks = [{ kind: 'answer' as const, about: 'the question', text: 'Europe.', by: 'ann' }];
    expect(deliver({ kind: 'openapi', mayAsk: true, remarks }, { character }).needs.kind).toBe('nothing');
    expect(deliver({ kind: 'openapi' }, { character }).needs.kind).toBe('nothing');
  });
});
