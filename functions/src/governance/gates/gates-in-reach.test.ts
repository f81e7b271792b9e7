import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gatesOfTask } from './gates-of-task.ts';
import { unreachableGates, workNeededFor, type PlannedWork } from './gates-in-reach.ts';
import { gateIds, type GateId } from './schemas.ts';

const work = (id: string, artifactKind: PlannedWork['artifactKind'], ...dependsOn: string[]): PlannedWork => ({
  id,
  specialist: `${id}-maker`,
  artifactKind,
  dependsOn,
});
const code = work('code', 'typescript');
const rules = work('rules', 'security-rules', 'code');
const security = work('security', 'security-review', 'code');
const performance = work('performance', 'performance-review', 'code', 'security');
const missing = (gate: GateId, ...plan: PlannedWork[]) => unreachableGates(plan, [gate]).length > 0;

describe('a gate is out of reach of a plan', () => {
  test.each<[string, GateId, PlannedWork[], boolean]>([
    ['that lacks the review', 'performance', [code, security], true],
    ['that has it', 'performance', [code, security, performance], false],
    ['whose review does not wait for what it judges', 'security', [code, work('security', 'security-review')], true],
    ['whose review waits for some of what it judges', 'security', [code, rules, security], true],
    [
      'whose review waits for what it judges by way of others',
      'security',
      [code, rules, work('security', 'security-review', 'rules')],
      false,
    ],
    [
      'one of whose reviews sees all',
      'security',
      [code, rules, security, work('again', 'security-review', 'security', 'rules')],
      false,
    ],
    [
      'whose other review may have the work changed unseen',
      'security',
      [code, security, work('performance', 'performance-review', 'code')],
      true,
    ],
    ['that has nothing to judge', 'security', [security], false],
    ['that has no code for an independent review', 'code-review', [work('review', 'code-review')], true],
    ['whose reviewer wrote the code', 'code-review', [code, { ...security, specialist: code.specialist }], true],
    ['whose reviewer wrote none of it', 'code-review', [code, security], false],
    ['whose security reviewer wrote the code', 'security', [code, { ...security, specialist: code.specialist }], true],
    [
      'whose performance reviewer wrote the code',
      'performance',
      [code, { ...performance, specialist: code.specialist, dependsOn: ['code'] }],
      true,
    ],
    ['that lacks the artifact', 'monitoring', [code], true],
    ['that has the artifact', 'monitoring', [work('deployment', 'deployment-plan')], false],
    ['of any work, when none can pass it', 'backup', [code], false],
  ])('%s: %s', (_, gate, plan, expected) => {
    expect(missing(gate, ...plan)).toBe(expected);
  });

  test('with all the ways to reach it', () => {
    expect(unreachableGates([code], ['tests', 'error-handling'])).toEqual(workNeededFor(['error-handling']));
    expect(workNeededFor(['error-handling'])[0]?.needed).toHaveLength(3);
  });
});

const kinds = [
  'typescript',
  'security-rules',
  'openapi',
  'code-review',
  'security-review',
  'performance-review',
] as const;
const isReview = ({ artifactKind }: PlannedWork) => artifactKind.endsWith('-review');

/** Acyclic, as each depends on earlier ones only; and how eager each is to be done. */
const anyPlan = fc
  .array(
    fc.record({
      artifactKind: fc.constantFrom(...kinds),
      specialist: fc.constantFrom('ann', 'bob', 'cyd'),
      before: fc.array(fc.nat(7), { maxLength: 4 }),
      eagerness: fc.nat(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((nodes) =>
    nodes.map(({ before, ...node }, index) => ({
      ...node,
      id: `w${index}`,
      dependsOn: [...new Set(before.filter((each) => each < index))].map((each) => `w${each}`),
    })),
  );

/** The plan in an order in which its work may be done. */
const inSomeOrder = <W extends PlannedWork & { eagerness: number }>(plan: readonly W[]): W[] => {
  const done: W[] = [];
  const isFree = ({ dependsOn }: W) => dependsOn.every((each) => done.some(({ id }) => id === each));
  while (done.length < plan.length) {
    const free = plan.filter((each) => !done.includes(each) && isFree(each));
    done.push(...free.toSorted((a, b) => b.eagerness - a.eagerness).slice(0, 1));
  }
  return done;
};

test('W1: every gate in reach has passed when all work has, in whatever order it was done', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const deliverables = inSomeOrder(plan).map((each, index) => ({
        assignment: each.id,
        kind: each.artifactKind,
        specialist: each.specialist,
        specialistVersion: null,
        model: null,
        verdict: isReview(each) ? ('pass' as const) : null,
        metrics: { endpoints: 1, operationsWithoutErrors: 0 },
        superseded: false,
        finishedAt: new Date(index),
      }));
      const criteria = { required: gateIds, backupMaxAgeHours: 1, policyVersion: 3, now: new Date() };
      const verdicts = gatesOfTask({ deliverables, attestations: [], approvals: [], submittedBy: null, criteria });
      const passed = verdicts.filter(({ status }) => status === 'passed').map(({ gate }) => gate);
      const unreachable = unreachableGates(plan, gateIds).map(({ gate }) => gate);
      const inReach = workNeededFor(gateIds)
        .map(({ gate }) => gate)
        .filter((gate) => !unreachable.includes(gate));
      expect(passed).toEqual(expect.arrayContaining(inReach));
    }),
  );
});
