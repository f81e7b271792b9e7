// What an agent delivers: the largest output, and the artifacts that are the hardest to check.
import { z } from 'zod';
import type { Row } from '../measure.ts';
import { agent, type Kind, type Stage } from '../stage.ts';

const made = z.object({ id: z.string() });
const directive = z.object({
  task: z.string(),
  assignment: z.string(),
  lease: z.object({ token: z.string(), epoch: z.int() }),
});

/** A task of one assignment, claimed by the agent. */
const claimed = async (stage: Stage, kind: Kind) => {
  const plan = [{ id: 'work', specialist: agent, title: 'Work', artifactKind: kind }];
  const json = { title: 'Deliver', category: 'api-design', priority: 'critical', plan };
  const { id } = made.parse(JSON.parse((await stage.call('/v1/tasks', { json })).text));
  for (let tries = 0; tries < 6; tries += 1) {
    const { text, outcome } = await stage.call(`/v1/agents/${agent}/claim`, {
      token: stage.tokens.agent,
      json: { waitSeconds: 20 },
    });
    const work = outcome === '200' ? directive.parse(JSON.parse(text)) : undefined;
    if (work?.task === id) return work;
  }
  throw new Error('The agent got no work.');
};

const delivered = (name: string, kind: Kind, output: () => Record<string, unknown>, ...expects: string[]): Row => {
  const works: z.output<typeof directive>[] = [];
  return {
    name,
    expects,
    prepare: async (stage) => void works.push(await claimed(stage, kind)),
    act: async ({ call, tokens }) => {
      const [work] = works;
      if (!work) throw new Error('There is no work.');
      const { task, assignment, lease } = work;
      const path = `/v1/tasks/${task}/assignments/${assignment}/complete`;
      return call(path, { token: tokens.agent, json: { lease, output: output() } });
    },
  };
};

const artifact = (kind: Kind, content: string, more: object = {}) => ({
  summary: 'Done.',
  artifact: { kind, title: 'Work', content },
  ...more,
});

const text = (bytes: number) => `# Work\n\n${'x'.repeat(bytes - 8)}`;
const lines = (bytes: number, line: (index: number) => string, size: number) =>
  Array.from({ length: Math.floor(bytes / size) }, (_, index) => line(index)).join('\n');

const bomb =
  "type F<N extends unknown[]> = N['length'] extends 999 ? N : F<[...N, 1]>; type G = F<[]>; const g: G = null as any; export { g };";
const plainCode = () => lines(880_000, (at) => `export const value${at} = { at: ${at}, text: 'some words' };`, 62);
const components = () =>
  `openapi: 3.1.0\ninfo: {title: T, version: '1', license: {name: L, identifier: MIT}}\nservers: [{url: https://a.example}]\npaths: {}\ncomponents:\n  schemas:\n${lines(880_000, (at) => `    A${at}: {type: object}`, 27)}\n`;
const rules = () => {
  const match = (at: number) => `    match /a${at}/{id} { allow read: if request.auth != null; }`;
  return `rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n${lines(880_000, match, 66)}\n  }\n}\n`;
};
const deepRules = () =>
  `rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n    match /a/{id} { allow read: if ${'('.repeat(440_000)}true${')'.repeat(440_000)}; }\n  }\n}\n`;
const findings = (count: number) => JSON.stringify({ findings: Array.from({ length: count }, () => ({})) });
const manyFields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 0]));

const refused = '422 coordination.output_refused';
const either = ['200', refused];

export const workRows: readonly Row[] = [
  delivered('artifact of 921,600 bytes', 'markdown', () => artifact('markdown', text(921_600)), '200'),
  delivered('artifact of 921,601 bytes', 'markdown', () => artifact('markdown', text(921_601)), refused),
  delivered(
    'output that fills the body of 1 MiB',
    'markdown',
    () => ({ ...artifact('markdown', text(921_600)), summary: 's'.repeat(126_500) }),
    '200',
  ),
  delivered('output of 50 fields', 'markdown', () => artifact('markdown', text(100), manyFields(48)), '200'),
  delivered(
    'output of 51 fields',
    'markdown',
    () => artifact('markdown', text(100), manyFields(49)),
    '400 platform.invalid_input',
  ),
  delivered('review with 180,000 findings', 'code-review', () => artifact('code-review', findings(180_000)), refused),
  delivered('TypeScript of 129 bytes that expands', 'typescript', () => artifact('typescript', bomb), ...either),
  delivered('TypeScript of 880 kB', 'typescript', () => artifact('typescript', plainCode()), ...either),
  delivered('OpenAPI of 880 kB', 'openapi', () => artifact('openapi', components()), ...either),
  delivered('security rules of 880 kB', 'security-rules', () => artifact('security-rules', rules()), ...either),
  delivered(
    'security rules, 440,000 brackets deep',
    'security-rules',
    () => artifact('security-rules', deepRules()),
    refused,
  ),
];
