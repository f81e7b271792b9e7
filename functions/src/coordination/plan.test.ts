import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { roleCardOf } from '../agents/index.ts';
import { reviewKinds } from '../artifacts/index.ts';
import { unreachableGates } from '../governance/index.ts';
import { gateIds } from '../governance/schemas.ts';
import { categories, delegate, type Category } from './delegation.ts';
import { planFaults, successorsOf, templatePlan } from './plan.ts';
import { plannedAssignment, type PlannedAssignment } from './schemas.ts';

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
