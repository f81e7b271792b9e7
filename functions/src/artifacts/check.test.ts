import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { artifactKinds, checkArtifact as check, type ArtifactCheck, type ArtifactKind } from './index.ts';

const checkArtifact = (kind: ArtifactKind, content: string) => check(kind, content, { org: 'acme' });

const isWellFormed = (checked: ArtifactCheck): boolean => {
  if (checked.valid) return Object.values(checked.metrics).every(Number.isFinite);
  return checked.findings.length > 0 && checked.findings.length <= 50;
};

// The words of each language, so that random texts get past its first token.
const words: Partial<Record<ArtifactKind, string[]>> = {
  'security-rules':
    "rules_version = '2' service cloud.firestore { } match /a /{b} /{c=**} allow read write : if ; function f ( ) let return true && ! - [ ] is in int ? . , 1 $(x) / \n".split(
      ' ',
    ),
  typescript:
    'const a = 1 ; type A < > { } ( ) => function class extends import from "x" : string | [ ] await ` ${ \n'.split(
      ' ',
    ),
  openapi: [
    'openapi: 3.1.0',
    '\n',
    '  ',
    'paths:',
    '/a:',
    'get:',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '$ref: "#/a"',
    '- ',
    ': ',
    'info:',
    '!!',
    '<<',
  ],
  markdown: ['#', ' ', '\n', '```', 'text', '==='],
};

const wordy = (kind: ArtifactKind) =>
  fc.array(fc.constantFrom(...(words[kind] ?? ['{', '}', '"a"', ':', '[', ']', ',', '1', 'null'])), { maxLength: 40 });

describe('checkArtifact', () => {
  describe.each(artifactKinds)('%s', (kind) => {
    test('answers whatever the content', async () => {
      const content = fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.json(),
        wordy(kind).map((each) => each.join(' ')),
      );
      await fc.assert(
        fc.asyncProperty(content, async (text) => expect(isWellFormed(await checkArtifact(kind, text))).toBe(true)),
        { numRuns: kind === 'typescript' ? 40 : 150 },
      );
    }, 30_000);

    test('refuses nothing as content', async () => {
      expect(await checkArtifact(kind, '')).toMatchObject({ valid: false });
    });

    test('refuses more than 900 KiB without reading it', async () => {
      const checked = await checkArtifact(kind, '# é\n'.repeat(200_000));
      expect(checked).toEqual({
        valid: false,
        findings: [{ where: '', message: expect.stringContaining('921600 bytes') }],
      });
    });

    test.each(['(', '[', '{', '{"a":', '!', '- ', '> ', '{a: ', "'", '/*', '((a)=>'])(
      'survives %j without end',
      async (unit) => {
        const content = unit.repeat(Math.floor(300_000 / unit.length));
        expect(isWellFormed(await checkArtifact(kind, content))).toBe(true);
      },
      30_000,
    );
  });

  test('gives at most fifty findings, each short', async () => {
    const fields = Array.from({ length: 1000 }, (_, index) => [`${'x'.repeat(400)}${index}`, 1]);
    const checked = await checkArtifact('deployment-plan', JSON.stringify(Object.fromEntries(fields)));
    if (checked.valid) throw new Error('Unknown fields were accepted.');
    expect(checked.findings).toHaveLength(50);
    expect(
      Math.max(...checked.findings.map(({ where, message }) => where.length + message.length)),
    ).toBeLessThanOrEqual(500);
  });
});
