import { describe, expect, test } from '@jest/globals';
import { checkArtifact as checkAny, type ArtifactKind } from '../index.ts';

const documents = {
  'service-boundaries': {
    service: { name: 'extraction', purpose: 'Reads metadata out of documents.' },
    dependencies: ['Cloud Storage'],
    dataFlow: { input: 'document id', processing: 'parse and classify', output: 'metadata' },
  },
  'firestore-schema': {
    collections: [
      { path: 'orgs/{org}/documents', fields: { title: 'string', size: 'number' }, indexes: ['title asc, size desc'] },
      { path: 'orgs', fields: {}, indexes: [] },
    ],
  },
  'llm-design': {
    models: [{ provider: 'anthropic', model: 'a small one', useFor: 'classification' }],
    retrieval: 'none',
    caching: 'by prompt hash',
    fallback: 'the next provider',
    costControls: ['1,000 tokens a call'],
  },
  'prompt-template': {
    name: 'classify',
    system: 'You sort {{ things }}.',
    user: 'Sort {{document}} into {{things}}.',
    variables: ['document', 'things'],
    evaluation: ['accuracy on 200 labelled documents'],
  },
  'code-review': {
    verdict: 'changes-needed',
    findings: [{ severity: 'high', title: 'Two formats of an id', recommendation: 'Keep to that of the contract.' }],
  },
  'security-review': {
    verdict: 'changes-needed',
    findings: [
      { severity: 'critical', title: 'Open write', recommendation: 'Check the owner.' },
      { severity: 'low', title: 'Long session', recommendation: 'Shorten it.' },
    ],
  },
  'performance-review': {
    verdict: 'changes-needed',
    measurements: [
      { name: 'response time p95', value: 250, unit: 'ms', target: 200 },
      { name: 'error rate', value: 0.2, unit: '%', target: 1 },
    ],
  },
  'deployment-plan': {
    environment: 'staging',
    steps: ['deploy functions'],
    rollback: ['deploy the version before'],
    monitoring: ['error rate above 1 %'],
    estimatedMonthlyCostUsd: 120.5,
  },
} satisfies Partial<Record<ArtifactKind, object>>;

const checkArtifact = (kind: ArtifactKind, content: string) => checkAny(kind, content, { org: 'acme' });

type JsonKind = keyof typeof documents;
const kinds = Object.keys(documents) as JsonKind[];

const check = (kind: JsonKind, changes: object = {}) =>
  checkArtifact(kind, JSON.stringify({ ...documents[kind], ...changes }));

const wheres = async (kind: JsonKind, changes: object) => {
  const checked = await check(kind, changes);
  return checked.valid ? [] : checked.findings.map(({ where }) => where);
};

describe.each(kinds)('%s', (kind) => {
  test('accepts a document that fits', async () => {
    expect(await check(kind)).toMatchObject({ valid: true });
  });

  test('points at each missing field and at each unknown one', async () => {
    const checked = await checkArtifact(kind, '{"a/b~c": 1}');
    const found = checked.valid ? [] : checked.findings.map(({ where }) => where);
    expect(found.toSorted()).toEqual([...Object.keys(documents[kind]).map((key) => `/${key}`), '/a~1b~0c'].toSorted());
  });

  test('tells where text stops being JSON', async () => {
    expect(await checkArtifact(kind, '{\n  "a": oops\n}')).toMatchObject({
      valid: false,
      findings: [{ where: '2:8' }],
    });
  });
});

/** Each list and map in a document, as the document with it alone made `length` long. */
const lengthened = (node: unknown, length: number): unknown[] => {
  if (Array.isArray(node)) {
    const items: unknown[] = node;
    const filled = Array.from({ length }, (_, index) => items[index % items.length] ?? 'text');
    return [
      filled,
      ...inEach(
        items.map((item, index) => [index, item] as const),
        (key, item) => items.with(key, item),
        length,
      ),
    ];
  }
  if (typeof node !== 'object' || node === null) return [];
  return inEach(Object.entries(node), (key, value) => ({ ...node, [key]: value }), length);
};

const inEach = <K>(
  entries: readonly (readonly [K, unknown])[],
  put: (key: K, value: unknown) => unknown,
  length: number,
): unknown[] => entries.flatMap(([key, value]) => lengthened(value, length).map((each) => put(key, each)));

const fieldsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 'string']));

describe('a list or map that is too long', () => {
  const { collections } = documents['firestore-schema'];
  const cases = [
    ...kinds.flatMap((kind) => lengthened(documents[kind], 600).map((document) => [kind, document] as const)),
    ['firestore-schema', { collections: [{ ...collections[0], fields: fieldsOf(600) }] }] as const,
  ];

  test('is looked for in every kind', () => {
    expect(new Set(cases.map(([kind]) => kind))).toEqual(new Set(kinds));
    expect(cases).toHaveLength(15);
  });

  test.each(cases)('is refused by its length, of what is in it at most fifty findings: %s', async (kind, document) => {
    const checked = await checkArtifact(kind, JSON.stringify(document));
    expect(checked).toMatchObject({
      valid: false,
      findings: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringMatching(/^must have at most \d+ /) }),
      ]),
    });
  });

  test('keeps a document of very many values from being parsed', async () => {
    const collections = Array.from({ length: 300_000 }, () => 0);
    expect(await checkArtifact('firestore-schema', JSON.stringify({ collections }))).toEqual({
      valid: false,
      findings: [{ where: expect.any(String), message: expect.stringContaining('more than 60000') }],
    });
  });
});

describe('metrics', () => {
  test.each<[JsonKind, Record<string, number>]>([
    ['service-boundaries', { dependencies: 1 }],
    ['firestore-schema', { collections: 2, indexes: 1 }],
    ['llm-design', { models: 1 }],
    ['prompt-template', { variables: 2 }],
    ['code-review', { low: 0, medium: 0, high: 1, critical: 0 }],
    ['security-review', { low: 1, medium: 0, high: 0, critical: 1 }],
    ['performance-review', { 'response time p95': 250, 'error rate': 0.2 }],
    ['deployment-plan', { steps: 1, estimatedMonthlyCostUsd: 120.5 }],
  ])('of %s are %j', async (kind, metrics) => {
    expect(await check(kind)).toMatchObject({ metrics });
  });
});

describe('firestore-schema', () => {
  test.each(['orgs/{org}', 'orgs//documents', '', '/'])(
    'refuses %j, which is no path of a collection',
    async (path) => {
      expect(await wheres('firestore-schema', { collections: [{ path, fields: {}, indexes: [] }] })).toContain(
        '/collections/0/path',
      );
    },
  );
});

describe('prompt-template', () => {
  test('refuses a placeholder that is not declared, a variable that is not used, and one declared twice', async () => {
    expect(await wheres('prompt-template', { user: '{{document}} {{other}}' })).toEqual(['/user']);
    expect(await wheres('prompt-template', { user: '{{things}}' })).toEqual(['/variables/0']);
    expect(await wheres('prompt-template', { variables: ['document', 'things', 'things'] })).toEqual(['/variables/2']);
  });

  test('refuses placeholders that are more than a name', async () => {
    expect(await wheres('prompt-template', { user: '{{#if document}} {{document}}' })).toEqual(['/user']);
    expect(await wheres('prompt-template', { variables: ['document', 'things', 'a-b'] })).toContain('/variables/2');
  });
});

describe.each(['code-review', 'security-review'] as const)('%s', (kind) => {
  test.each(['high', 'critical'])('cannot pass with a finding of severity %s', async (severity) => {
    const findings = [{ severity, title: 'Open write', recommendation: 'Check the owner.' }];
    expect(await wheres(kind, { verdict: 'pass', findings })).toEqual(['/findings/0/severity']);
  });
});

describe('code-review', () => {
  test('returns its verdict, and what is worse than low as concerns', async () => {
    expect(await check('code-review')).toMatchObject({
      verdict: 'changes-needed',
      concerns: ['Review, high: Two formats of an id'],
    });
  });
});

describe('security-review', () => {
  test('returns its verdict, and what is worse than low as concerns', async () => {
    expect(await check('security-review')).toMatchObject({
      verdict: 'changes-needed',
      concerns: ['Security, critical: Open write'],
    });
    const findings = documents['security-review'].findings.slice(1);
    expect(await check('security-review', { verdict: 'pass', findings })).toMatchObject({
      verdict: 'pass',
      concerns: [],
    });
  });
});

describe('performance-review', () => {
  test('cannot pass with a value above its target, and can at the target', async () => {
    expect(await wheres('performance-review', { verdict: 'pass' })).toEqual(['/measurements/0/value']);
    const measurements = [{ name: 'response time p95', value: 200, unit: 'ms', target: 200 }];
    expect(await check('performance-review', { verdict: 'pass', measurements })).toMatchObject({
      verdict: 'pass',
      concerns: [],
    });
  });

  test('names the missed targets as concerns', async () => {
    expect(await check('performance-review')).toMatchObject({
      concerns: ['Performance: response time p95 is 250 ms, the target is 200.'],
    });
  });

  test('refuses two measurements of one name, and a number that JSON cannot hold', async () => {
    const [first] = documents['performance-review'].measurements;
    expect(await wheres('performance-review', { measurements: [first, first] })).toEqual(['/measurements/1/name']);
    const endless = JSON.stringify(documents['performance-review']).replace('0.2', '1e999');
    expect(await checkArtifact('performance-review', endless)).toMatchObject({
      findings: [{ where: '/measurements/1/value' }],
    });
  });
});

describe('deployment-plan', () => {
  test.each(['steps', 'rollback', 'monitoring'])('needs %s', async (field) => {
    expect(await wheres('deployment-plan', { [field]: [] })).toEqual([`/${field}`]);
  });

  test('has no negative cost', async () => {
    expect(await wheres('deployment-plan', { estimatedMonthlyCostUsd: -1 })).toEqual(['/estimatedMonthlyCostUsd']);
  });
});
