import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeDecisions, type DecisionContext } from './judge-decisions.ts';
import { decision, decisionKinds, needingApproval, type Decision } from './schemas.ts';

const stated = (kind: string): Decision => ({ kind, summary: `A decision of ${kind}`, rationale: 'It is better.' });
const kindsNeeding = (decisions: readonly Decision[], context: DecisionContext = {}) =>
  judgeDecisions(decisions, context).needing.map(({ decision: { kind } }) => kind);

const known = Object.keys(decisionKinds);
const ours = Object.entries(decisionKinds).flatMap(([kind, { authority }]) =>
  authority === 'coordinator' ? kind : [],
);

const openapi = (deprecated: boolean) => ({ paths: { '/v1/pads': { get: { deprecated } } } });
const model = (fields: Record<string, string>) => ({ collections: [{ path: 'pads', fields }] });
const rules = (condition: string) => ({ '/pads/{} get': [condition] });

const everyFact: DecisionContext = {
  monthlyCost: { baselineNanoUsd: 100n, projectedNanoUsd: 121n },
  previous: { openapi: openapi(false), firestoreSchema: model({ title: 'string' }), declaredRules: rules('false') },
  current: {
    openapi: openapi(true),
    firestoreSchema: model({ expiresAt: 'timestamp (TTL)' }),
    declaredRules: rules('true'),
    dependencies: ['Stripe for payments'],
  },
};
const noFact: DecisionContext = {
  monthlyCost: { baselineNanoUsd: 100n, projectedNanoUsd: 120n },
  previous: everyFact.previous ?? {},
  current: everyFact.previous ?? {},
};

test('the twelve decisions are those of the specification, in its words', () => {
  expect(Object.values(decisionKinds).map(({ title, authority }) => `${authority}: ${title}`)).toEqual([
    'coordinator: Service implementation details',
    'coordinator: Database query optimizations',
    'coordinator: Caching strategies',
    'coordinator: API response formats',
    'coordinator: Error handling patterns',
    'coordinator: Logging strategies',
    'main-coordinator: New third-party service integrations',
    'main-coordinator: Database schema migrations',
    'main-coordinator: API deprecations',
    'main-coordinator: Infrastructure cost increases > 20%',
    'main-coordinator: Security policy changes',
    'main-coordinator: Data retention modifications',
  ]);
});

describe('without facts', () => {
  test.each([...known, 'Caching', 'constructor', '__proto__', 'toString', 'rewrite-everything'])(
    'the wording %s alone stops nothing (D3)',
    (kind) => {
      expect(kindsNeeding([stated(kind)])).toEqual([]);
    },
  );

  test('the kinds that are the main coordinator’s are reported, and no others', () => {
    const all = [...known, 'rewrite-everything', 'toString'].map(stated);
    expect(judgeDecisions(all, {}).unshown.map(({ kind }) => kind)).toEqual(
      known.filter((kind) => !ours.includes(kind)),
    );
  });
});

describe('facts', () => {
  test('that nobody stated need approval all the same, with what was seen (D2)', () => {
    const { needing } = judgeDecisions([stated('caching')], everyFact);
    expect(needing.map(({ decision: { kind }, why }) => [kind, why])).toEqual([
      ['third-party-integration', 'new: stripe.'],
      ['cost-increase', expect.stringContaining('more than 20 %')],
      ['api-deprecation', 'GET /v1/pads is deprecated.'],
      ['schema-migration', 'pads: title is removed.'],
      ['data-retention-change', 'pads: records are kept as expiresAt says: timestamp (TTL).'],
      ['security-policy-change', '/pads/{} get is changed.'],
    ]);
  });

  test('that were stated are needed once, in the words of the specialist', () => {
    const claim = stated('schema-migration');
    const { needing } = judgeDecisions([claim], {
      ...everyFact,
      monthlyCost: { baselineNanoUsd: 1n, projectedNanoUsd: 1n },
    });
    expect(needing.filter(({ decision: { kind } }) => kind === 'schema-migration')).toEqual([
      { decision: claim, why: 'pads: title is removed.' },
    ]);
  });

  test('that show nothing free every claim (D3)', () => {
    expect(kindsNeeding(known.map(stated), noFact)).toEqual([]);
  });

  test('of a first design are not changes', () => {
    const { current } = everyFact;
    expect(kindsNeeding([], { current: { ...current, openapi: openapi(false), dependencies: [] } })).toEqual([]);
  });

  test('that are many stay a record that can be stored', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`field${index}`.repeat(40), 'string']),
    );
    const { needing } = judgeDecisions([], {
      previous: { firestoreSchema: model(fields) },
      current: { firestoreSchema: model({}) },
    });
    expect(needing.map((each) => needingApproval.parse(each))).toEqual(needing);
    expect(needing[0]?.why).toMatch(/and 490 more\.$/);
  });
});

const kinds = fc.oneof(fc.constantFrom(...known), fc.string({ minLength: 1, maxLength: 20 }));
const decisions = fc.array(kinds.map(stated), { maxLength: 12 });
const contexts = fc.constantFrom<DecisionContext>({}, noFact, everyFact);

describe('any judgement', () => {
  test('judges every stated decision exactly once (D1)', () => {
    fc.assert(
      fc.property(decisions, contexts, (all, context) => {
        const { free, needing } = judgeDecisions(all, context);
        const judged = [...free, ...needing.map((each) => each.decision)].filter((each) => all.includes(each));
        expect(judged).toHaveLength(all.length);
        expect(new Set(judged)).toEqual(new Set(all));
      }),
    );
  });

  test('never frees a decision because another one was stated as well', () => {
    fc.assert(
      fc.property(decisions, decisions, contexts, (some, more, context) => {
        const needing = kindsNeeding([...some, ...more], context);
        expect(needing).toEqual(expect.arrayContaining(kindsNeeding(some, context)));
      }),
    );
  });

  test('has every fact approved, whatever was stated (D2)', () => {
    const facts = kindsNeeding([], everyFact);
    fc.assert(
      fc.property(decisions, (all) => {
        expect(new Set(kindsNeeding(all, everyFact))).toEqual(new Set(facts));
      }),
    );
  });
});

test('a decision must say of what kind it is and what it is', () => {
  expect(decision.safeParse({ kind: ' ', summary: 'x' }).success).toBe(false);
  expect(decision.safeParse({ kind: 'caching' }).success).toBe(false);
  expect(decision.parse({ kind: ' caching ', summary: 'Cache it' })).toEqual({
    kind: 'caching',
    summary: 'Cache it',
    rationale: '',
  });
});
