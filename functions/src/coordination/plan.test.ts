import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { roleCardOf } from '../agents/index.ts';
import { reviewKinds } from '../artifacts/index.ts';
import { unreachableGates } from '../governance/index.ts';
import { gateIds } from '../governance/schemas.ts';
import { categories, delegate, type Category } from './delegation.ts';
import { maxRounds, planFaults, reworkAfter, successorsOf, templatePlan } from './plan.ts';
import { assignmentId, maxAssignments, plannedAssignment, type Assignment, type PlannedAssignment } from './schemas.ts';

const node = (id: string, ...dependsOn: string[]): PlannedAssignment =>
  plannedAssignment.parse({ id, specialist: 'nodejs-expert', title: id, artifactKind: 'markdown', dependsOn });

/** Graphs whose arrows all point back: acyclic by construction. */
const acyclic = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((rows) =>
    rows.map((row, index) => node(`n${index}`, ...new Set(row.filter((to) => to < index).map((to) => `n${to}`)))),
  );

const reviewsOrPlans: ReadonlySet<string> = new Set([...reviewKinds, 'deployment-plan']);

describe('the template of each category', () => {
  const planFor = (category: Category) => {
    const { primary, support } = delegate(category);
    return templatePlan(category, primary, support);
  };

  test.each(categories)('%s is a valid plan', (category) => {
    expect(planFaults(planFor(category).map((each) => plannedAssignment.parse(each)))).toEqual([]);
  });

  test.each(categories)('%s has every supporting specialist review what the primary made', (category) => {
    const { primary, support } = delegate(category);
    const plan = planFor(category);
    const reviews = plan.filter(({ artifactKind }) => artifactKind === 'code-review');
    expect(reviews.map(({ specialist }) => specialist)).toEqual(support);
    const made = plan.filter(
      ({ specialist, artifactKind }) => specialist === primary && !reviewsOrPlans.has(artifactKind),
    );
    for (const { dependsOn } of reviews) expect(dependsOn).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });

  test.each(categories)('%s has nobody judge before those whose changes they must see', (category) => {
    const plan = planFor(category);
    const reviews = plan.filter(({ artifactKind }) => artifactKind === 'code-review').map(({ id }) => id);
    const built = plan.filter(({ id }) => id.startsWith('implement-')).map(({ id }) => id);
    const judges = ['security', 'performance'].map((id) => plan.find((each) => each.id === id)?.dependsOn);
    for (const dependsOn of judges) expect(dependsOn).toEqual(expect.arrayContaining([...built, ...reviews]));
  });

  test.each(categories)('%s can pass every gate that work can pass', (category) => {
    expect(unreachableGates(planFor(category), gateIds)).toEqual([]);
  });

  test.each(categories)('%s asks of each specialist only what its role card delivers', (category) => {
    const plan = planFor(category);
    const foreign = plan.filter(
      ({ specialist, artifactKind }) => !roleCardOf(specialist).produces.includes(artifactKind),
    );
    expect(foreign.map(({ id }) => id)).toEqual([]);
  });

  test.each(categories)('%s ends in one hand-off that waits for security and performance', (category) => {
    const plan = planFor(category);
    const successors = successorsOf(plan);
    expect(plan.filter(({ id }) => !successors.has(id)).map(({ id }) => id)).toEqual(['handoff']);
    expect(plan.find(({ id }) => id === 'handoff')?.dependsOn).toEqual(
      expect.arrayContaining(['security', 'performance']),
    );
  });
});

describe('guard-rails', () => {
  test('accept every acyclic graph', () => {
    fc.assert(fc.property(acyclic, (plan) => expect(planFaults(plan)).toEqual([])));
  });

  test('name the members of a circle when one arrow of a path is turned back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), (length) => {
        const chain = Array.from({ length }, (_, index) => node(`n${index}`, `n${(index + length - 1) % length}`));
        expect(planFaults(chain)).toEqual([{ pointer: '', detail: expect.stringContaining('n0') }]);
      }),
    );
  });

  test.each([
    ['an id used twice', [node('a'), node('a')], '/1/id'],
    ['an unknown dependency', [node('a', 'ghost')], '/0/dependsOn/0'],
    ['a dependency on itself', [node('a', 'a')], ''],
    ['no assignment', [], ''],
    ['too many assignments', Array.from({ length: 201 }, (_, index) => node(`n${index}`)), ''],
  ])('refuse %s', (_, plan, pointer) => {
    expect(planFaults(plan).map((fault) => fault.pointer)).toContain(pointer);
  });
});

describe('a review that asks for changes', () => {
  const placed = (planned: PlannedAssignment, rest: Partial<Assignment> = {}) => ({
    ...planned,
    ...{ round: 0, depth: 0 },
    ...rest,
  });
  const reviewed = placed(node('build'));
  const security = placed(node('security', 'build'), { artifactKind: 'security-review' });
  const review = placed(node('performance', 'build', 'security'), { artifactKind: 'performance-review' });
  const plan = ['build', 'security', 'performance'];

  test('is followed by a rework of what it reviewed and by the next round of itself (P3)', () => {
    const [rework, again] = reworkAfter({ review, reviewed, passed: [] }, plan);
    expect(rework).toMatchObject({
      id: 'performance-rework-1',
      artifactKind: 'markdown',
      dependsOn: ['build', 'performance'],
      supersedes: 'build',
    });
    expect(again).toMatchObject({
      id: 'performance-round-2',
      dependsOn: ['performance-rework-1', 'security'],
      round: 1,
      supersedes: 'performance',
    });
  });

  test('has the reviews that passed before see the rework, and looks at it after them (P3)', () => {
    const added = reworkAfter({ review, reviewed, passed: [{ ...security, round: maxRounds }] }, plan);
    expect(added).toMatchObject([
      { id: 'performance-rework-1' },
      {
        id: 'security-round-4',
        dependsOn: ['performance-rework-1'],
        artifactKind: 'security-review',
        round: maxRounds + 1,
        supersedes: 'security',
      },
      { id: 'performance-round-2', dependsOn: ['performance-rework-1', 'security-round-4'] },
    ]);
  });

  test('has as much time for the next try as there was for the one before', () => {
    const [rework, again] = reworkAfter(
      { review: { ...review, timeoutSeconds: 60 }, reviewed: { ...reviewed, timeoutSeconds: 90 }, passed: [] },
      plan,
    );
    expect([rework?.timeoutSeconds, again?.timeoutSeconds]).toEqual([90, 60]);
  });

  test('comes around a bounded number of times, with ids of its own each time (P3)', () => {
    const ids: string[] = [...plan];
    let current = review;
    for (let round = 0; ; round++) {
      const added = reworkAfter({ review: current, reviewed, passed: [security] }, ids);
      const again = added.at(-1);
      if (!again) break;
      ids.push(...added.map(({ id }) => id));
      current = placed(again, { artifactKind: 'performance-review', round: round + 1 });
    }
    expect(ids).toHaveLength(plan.length + 3 * maxRounds);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('asks for nothing more when the plan has no room for it (P2)', () => {
    const full = (size: number) => Array.from({ length: size }, (_, index) => `n${index}`);
    const objection = { review, reviewed, passed: [security] };
    expect(reworkAfter(objection, full(maxAssignments - 3))).toHaveLength(3);
    expect(reworkAfter(objection, full(maxAssignments - 2))).toEqual([]);
  });

  test('adds nothing whose id the plan has already, whatever its author called things (P4)', () => {
    const suffixes = fc.tuple(fc.constantFrom('rework', 'round', 'part'), fc.integer({ min: 1, max: 4 }));
    const named = fc
      .tuple(fc.constantFrom('performance', 'security'), fc.array(suffixes, { maxLength: 2 }))
      .map(([stem, parts]) => [stem, ...parts.map((part) => part.join('-'))].join('-'));
    fc.assert(
      fc.property(fc.uniqueArray(named, { minLength: 2, maxLength: 40 }), (ids) => {
        const [first = '', second = ''] = ids;
        const passed = [{ ...security, id: second }];
        const added = reworkAfter({ review: { ...review, id: first }, reviewed, passed }, ids).map(({ id }) => id);
        expect(new Set([...ids, ...added]).size).toBe(ids.length + 3);
      }),
    );
  });

  test('gives each round a name no longer than an id may be, however deep in the plan it was asked for', () => {
    let deepest = placed(node('r'.repeat(64)));
    for (let depth = 0; depth <= 2; depth++) {
      for (let round = 0; round < maxRounds; round++) {
        const [, again] = reworkAfter({ review: { ...deepest, round }, reviewed, passed: [] }, plan);
        expect(assignmentId.safeParse(again?.id).success).toBe(true);
      }
      const [rework] = reworkAfter({ review: deepest, reviewed, passed: [] }, plan);
      deepest = placed(node('x'), { id: `${rework?.id}-part-199`, depth: depth + 1 });
    }
  });

  test('is followed by work that may ask no deeper than the review itself could', () => {
    const added = reworkAfter({ review: { ...review, depth: 2 }, reviewed, passed: [] }, plan);
    expect(added.map(({ depth }) => depth)).toEqual([2, 2]);
  });
});
