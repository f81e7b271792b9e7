import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { artifactKinds } from '../../../artifacts/schemas.ts';
import { orgId } from '../../../platform/schemas.ts';
import type { DataModel } from '../../decisions/schemas.ts';
import type { DataClass } from '../../policy/schemas.ts';
import { escalationDraft } from '../schemas.ts';
import { complianceGaps } from './compliance.ts';
import { detectInDelivery, type Delivery } from './detect-in-delivery.ts';
import { detectInTask } from './detect-in-task.ts';
import { rulesReader } from './rules-coverage.ts';

const personal: DataClass = { name: 'personal', fields: ['*email*'], requires: ['security-rules', 'retention'] };

const delivery: Delivery = {
  org: orgId.parse('acme'),
  task: 'tsk_00000000000000000001',
  assignment: 'contract',
  kind: 'markdown',
  content: '',
  previous: {},
  current: {},
  policy: { dataClasses: [personal] },
};

const model = (...collections: [string, Record<string, string>][]): DataModel => ({
  collections: collections.map(([path, fields]) => ({ path, fields })),
});

describe('a delivery', () => {
  test('that breaks the API before it is escalated, with the places', () => {
    const openapi = { paths: { '/things': { get: {} } } };
    expect(detectInDelivery({ ...delivery, kind: 'openapi', previous: { openapi }, current: { openapi: {} } })).toEqual(
      [
        {
          org: 'acme',
          task: delivery.task,
          trigger: 'breaking-api-change',
          severity: 'high',
          title: 'The API contract has 1 breaking change',
          subject: 'tsk_00000000000000000001 openapi',
          key: 'breaking-api-change tsk_00000000000000000001 openapi high contract',
          evidence: [
            {
              source: 'artifact',
              ref: 'contract#/paths/~1things',
              detail: 'path-removed: /things is gone (place in the contract before)',
            },
          ],
          by: null,
        },
      ],
    );
  });

  test('of a first contract breaks nothing', () => {
    expect(detectInDelivery({ ...delivery, kind: 'openapi', current: { openapi: { paths: {} } } })).toEqual([]);
  });

  test('of a review is escalated by its gravest finding, and only when that is grave', () => {
    const review = (...severities: string[]) =>
      JSON.stringify({
        verdict: 'changes-needed',
        findings: severities.map((severity) => ({ severity, title: `A ${severity} one`, recommendation: 'Mend it.' })),
      });
    const found = (content: string) => detectInDelivery({ ...delivery, kind: 'security-review', content });
    expect(found(review('low', 'medium'))).toEqual([]);
    expect(found(review('high', 'low', 'critical'))).toMatchObject([
      {
        trigger: 'security-vulnerability',
        severity: 'critical',
        title: 'The security review has 2 grave findings',
        evidence: [
          { ref: 'contract#/findings/2', detail: 'critical: A critical one. Mend it.' },
          { ref: 'contract#/findings/0' },
        ],
      },
    ]);
  });

  test('of a data model that drops a collection is a risk of losing data', () => {
    const drafts = detectInDelivery({
      ...delivery,
      kind: 'firestore-schema',
      previous: { firestoreSchema: model(['orgs/{org}/users', {}], ['orgs/{org}/notes', {}]) },
      current: { firestoreSchema: model(['/orgs/{o}/users', {}]) },
    });
    expect(drafts).toMatchObject([
      { trigger: 'data-loss-risk', evidence: [{ detail: 'orgs/{org}/notes is dropped with its records' }] },
    ]);
  });

  test('near the size of a document is escalated before it cannot be stored', () => {
    expect(detectInDelivery({ ...delivery, content: 'x'.repeat(900_000) })).toMatchObject([
      { trigger: 'scalability-limit', severity: 'medium' },
    ]);
  });

  test('of whatever content gives drafts that fit a record', () => {
    const any = fc.record({
      kind: fc.constantFrom(...artifactKinds),
      content: fc.oneof(fc.string(), fc.json()),
      previous: fc.record({ openapi: fc.jsonValue() }),
      current: fc.record({ openapi: fc.jsonValue() }),
    });
    fc.assert(
      fc.property(any, (over) => {
        for (const draft of detectInDelivery({ ...delivery, ...over })) escalationDraft.parse(draft);
      }),
    );
    const long = 'x'.repeat(5_000);
    const openapi = { paths: { [`/${long}`]: { get: {} } } };
    const [draft] = detectInDelivery({ ...delivery, kind: 'openapi', previous: { openapi }, current: { openapi: {} } });
    expect(escalationDraft.safeParse(draft).success).toBe(true);
  });
});

describe('compliance', () => {
  const users = model(['orgs/{org}/users', { workEmail: 'string', expiresAt: 'timestamp' }]);
  const rules = (body: string) =>
    `rules_version = '2'; service cloud.firestore { match /databases/{database}/documents { ${body} } }`;
  const details = (design: DataModel, text?: string) =>
    complianceGaps({ model: design, rules: text }, [personal]).map(
      ({ safeguard, detail }) => `${safeguard}: ${detail}`,
    );

  test.each<[string, string, string[]]>([
    ['a match of its own', 'match /orgs/{org}/users/{user} { allow read: if request.auth != null; }', []],
    ['nested matches', 'match /orgs/{org} { match /users/{user} { allow read: if a(); } }', []],
    ['a capture of the rest', 'match /{all=**} { allow read, write: if a(); }', []],
    [
      'a function before the statement',
      "function a() { return b == '}'; } match /orgs/{org}/users/{u} { allow get: if a(); }",
      [],
    ],
    ['nothing', '', ['security-rules: the security rules do not name it']],
    [
      'a comment only',
      '// match /orgs/{org}/users/{user} { allow read: if a(); }',
      ['security-rules: the security rules do not name it'],
    ],
    [
      'another collection',
      'match /orgs/{org}/notes/{n} { allow read: if a(); }',
      ['security-rules: the security rules do not name it'],
    ],
    [
      'the parent only',
      'match /orgs/{org} { allow read: if a(); }',
      ['security-rules: the security rules do not name it'],
    ],
    [
      'a match that is open',
      'match /orgs/{org}/users/{u} { allow read: if true; allow write: if a(); }',
      ['security-rules: the security rules let anybody read'],
    ],
    [
      'a match without a condition',
      'match /orgs/{org}/users/{u} { allow read, write; }',
      ['security-rules: the security rules let anybody read, write'],
    ],
  ])('of a collection whose rules are %s', (_, body, expected) => {
    expect(details(users, rules(body))).toEqual(expected);
  });

  test('of a collection for which nobody wrote rules is missing', () => {
    expect(details(users)).toEqual(['security-rules: there are no security rules']);
  });

  test('needs a field that says when a record is deleted', () => {
    const guarded = rules('match /users/{user} { allow read: if a(); }');
    expect(details(model(['users', { email: 'string' }]), guarded)).toEqual([
      'retention: no field says when a record is deleted',
    ]);
    expect(details(model(['users', { email: 'string', at: 'timestamp (TTL)' }]), guarded)).toEqual([]);
  });

  test('asks nothing of collections without such data', () => {
    expect(details(model(['notes', { text: 'string' }]), rules(''))).toEqual([]);
  });

  test.each(['firestore-schema', 'security-rules'] as const)('is judged by a delivery of %s', (kind) => {
    const current = { firestoreSchema: users, securityRules: rules('') };
    expect(detectInDelivery({ ...delivery, kind, current })).toMatchObject([
      { trigger: 'compliance', severity: 'high', title: 'Data that needs care lacks 1 safeguard' },
    ]);
  });

  test('reads rules in linear time', () => {
    const long = `${'match /a/{b} { '.repeat(20_000)}allow read${' '.repeat(50_000)}`;
    expect(rulesReader(long)('a')).toEqual({ covered: false, open: [] });
  });
});

describe('a task', () => {
  const facts = {
    org: delivery.org,
    task: delivery.task,
    spentNanoUsd: 0n,
    succeeded: 5,
    planned: 10,
    maxPlanned: 200,
    budgetNanoUsd: null,
    policy: { budget: { taskNanoUsd: 1_000n, monthlyNanoUsd: null } },
  };

  test('within its budget and plan is not escalated', () => {
    expect(detectInTask(facts)).toEqual([]);
  });

  test('over its budget, or with a plan near the limit, is', () => {
    expect(detectInTask({ ...facts, spentNanoUsd: 1_001n, planned: 160 })).toMatchObject([
      { trigger: 'cost-overrun', task: delivery.task, severity: 'high' },
      { trigger: 'scalability-limit', task: delivery.task },
    ]);
  });

  test.each([
    ['its own, where the policy has none', 500n, null],
    ['its own, where that is smaller', 500n, 1_000n],
    ['the policy’s, where that is smaller', 1_000n, 500n],
    ['the policy’s, where it has none', null, 500n],
  ])('is held to one budget: %s', (_, budgetNanoUsd, taskNanoUsd) => {
    const policy = { budget: { taskNanoUsd, monthlyNanoUsd: null } };
    const spent = (spentNanoUsd: bigint) =>
      detectInTask({ ...facts, succeeded: 10, spentNanoUsd, budgetNanoUsd, policy }).length;
    expect([spent(500n), spent(501n)]).toEqual([0, 1]);
  });
});
