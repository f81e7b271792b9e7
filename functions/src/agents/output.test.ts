import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { artifactKinds, type ArtifactKind } from '../artifacts/index.ts';
import { noteFields } from '../scratchpads/schemas.ts';
import { parseSpecialistOutput, specialistOutputSchema } from './output.ts';

const answer = {
  summary: 'Designed the contract.',
  artifact: { kind: 'openapi', title: 'Extraction API', content: 'openapi: 3.1.0\n' },
  notes: Object.fromEntries(noteFields.map((field) => [field, field === 'endpoints' ? 'GET /v1/documents' : ''])),
  concerns: ['Large documents take minutes.'],
};

const decision = { kind: 'caching', summary: 'Cache it.', rationale: 'It is asked for often.' };

/** What an answer means that neither states decisions nor needs anything. */
const nothingElse = { decisions: [], needs: { kind: 'nothing', question: '', assignments: [] } };

const parse = (changes: object = {}, kind: ArtifactKind = 'openapi') =>
  parseSpecialistOutput(kind, JSON.stringify({ ...answer, ...changes }));

const outputOf = (changes: object) => {
  const parsed = parse(changes);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.output;
};

describe('parseSpecialistOutput', () => {
  test('takes an answer as it was asked for, and leaves out notes that say nothing', () => {
    const output = { ...answer, notes: { endpoints: 'GET /v1/documents' }, ...nothingElse };
    expect(parse()).toEqual({ ok: true, output });
  });

  test('drops what was not asked for', () => {
    const extended = {
      mood: 'good',
      notes: { ...answer.notes, mood: 'good' },
      artifact: { ...answer.artifact, id: 'x' },
    };
    expect(outputOf(extended)).toEqual(outputOf({}));
  });

  test('takes an answer without notes or concerns', () => {
    expect(outputOf({ notes: undefined, concerns: undefined })).toMatchObject({ notes: {}, concerns: [] });
  });

  test.each([
    ['/summary', { summary: '' }],
    ['/summary', { summary: '\u200b\u0007 ' }],
    ['/summary', { summary: undefined }],
    ['/artifact', { artifact: 'openapi: 3.1.0' }],
    ['/artifact/kind', { artifact: { ...answer.artifact, kind: 'markdown' } }],
    ['/artifact/content', { artifact: { ...answer.artifact, content: { openapi: '3.1.0' } } }],
    ['/artifact/content', { artifact: { ...answer.artifact, content: '' } }],
    ['/notes/service', { notes: { service: ['a'] } }],
    ['/concerns', { concerns: 'none' }],
    ['/concerns/1', { concerns: ['a', 1] }],
  ])('points at %s when it is wrong', (where, changes) => {
    expect(parse(changes)).toMatchObject({ ok: false, findings: [{ where }] });
  });

  test('points at everything that is missing', () => {
    const parsed = parseSpecialistOutput('openapi', '{"a": 1}');
    expect(parsed.ok ? [] : parsed.findings.map(({ where }) => where)).toEqual(['/summary', '/artifact']);
  });

  test('cuts texts at their limits', () => {
    const long = 'x'.repeat(5000);
    const output = outputOf({ summary: long, notes: { slas: long }, concerns: Array<string>(30).fill(long) });
    expect(output.summary).toHaveLength(600);
    expect(output.notes.slas).toHaveLength(600);
    expect(output.concerns.map(({ length }) => length)).toEqual(Array<number>(10).fill(300));
  });

  test('reads no more of the decisions and concerns than it may keep', () => {
    const concerns = Array.from({ length: 1_000 }, (_, index) => (index < 50 ? 'x' : 1));
    const decisions = Array.from({ length: 1_000 }, (_, index) =>
      index < 20 ? { ...decision, kind: `k${index}` } : 1,
    );
    const output = outputOf({ concerns, decisions });
    expect(output.concerns).toHaveLength(10);
    expect(output.decisions).toHaveLength(20);
  });

  test('refuses more requests than may be made by their number, without reading the rest', () => {
    const parsed = parse({ needs: { kind: 'assignments', assignments: Array<object>(800).fill({}) } });
    expect(parsed.ok ? [] : parsed.findings.map(({ where }) => where)).toEqual(
      expect.arrayContaining(['/needs/assignments', '/needs/assignments/4/title']),
    );
    expect(JSON.stringify(parsed)).not.toContain('/needs/assignments/5/');
  });

  test('says of many faults at most fifty, the last of which counts the others', () => {
    const parsed = parse({ decisions: Array<object>(20).fill({}), concerns: Array<number>(50).fill(1) });
    const findings = parsed.ok ? [] : parsed.findings;
    expect(findings).toHaveLength(50);
    expect(findings.at(-1)).toEqual({ where: '', message: 'There are 61 findings more.' });
  });

  test.each([
    ['bytes', { artifact: { ...answer.artifact, content: 'é'.repeat(600_000) } }],
    ['values', { decisions: Array<object>(60_000).fill({}) }],
    ['fields', Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`f${index}`, 0]))],
    ['levels', { notes: JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown }],
  ])('parses nothing of an answer with too many %s', (_, changes) => {
    expect(parse(changes)).toMatchObject({
      ok: false,
      findings: [{ message: expect.stringMatching(/long|more|deeper/) }],
    });
  });

  test('strips what a reader cannot see, but leaves the artifact as it is', () => {
    const hidden = 'a\u0000\u001b[31mb\u202e\u200bc\ufeff';
    const output = outputOf({
      summary: `${hidden}\nnext`,
      artifact: { kind: 'openapi', title: `${hidden}\n# x`, content: hidden },
      notes: { service: hidden },
      concerns: [hidden],
    });
    expect(output).toEqual({
      summary: 'a[31mbc\nnext',
      artifact: { kind: 'openapi', title: 'a[31mbc # x', content: hidden },
      notes: { service: 'a[31mbc' },
      concerns: ['a[31mbc'],
      ...nothingElse,
    });
  });

  test('answers whatever a model says', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"summary": ${json}}`),
    );
    fc.assert(fc.property(text, (said) => expect(typeof parseSpecialistOutput('markdown', said).ok).toBe('boolean')));
  });
});

type Schema = {
  readonly [key: string]: unknown;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
};

const everySchema = (schema: Schema): Schema[] => [
  schema,
  ...Object.values(schema.properties ?? {}).flatMap(everySchema),
  ...(schema.items ? everySchema(schema.items) : []),
];

describe('specialistOutputSchema', () => {
  test.each(artifactKinds)(
    '%s: requires every field, allows no other, and uses only what all providers take',
    (kind) => {
      const schemas = everySchema(specialistOutputSchema(kind));
      for (const schema of schemas.filter(({ type }) => type === 'object')) {
        expect(schema).toMatchObject({ additionalProperties: false, required: Object.keys(schema.properties ?? {}) });
      }
      const allowed = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'description'];
      expect(schemas.flatMap((schema) => Object.keys(schema)).filter((key) => !allowed.includes(key))).toEqual([]);
    },
  );

  test('asks for the kind and for every note of the scratchpad', () => {
    expect(specialistOutputSchema('openapi')).toMatchObject({
      properties: { artifact: { properties: { kind: { enum: ['openapi'] } } }, notes: { required: [...noteFields] } },
    });
  });
});
