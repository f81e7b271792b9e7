import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReviewFinding } from '../artifacts/index.ts';
import { growthAfter, maxRounds, type Growth, type PlanRecord } from './growth.ts';
import { planFaults } from './plan.ts';
import { assignmentId, maxAssignments } from './schemas.ts';
import { at, someAssignment, someResult } from './test-records.ts';

const made = (id: string, rest: Partial<PlanRecord> = {}): PlanRecord => ({
  ...someAssignment({ id, title: `Make ${id}`, artifactKind: 'markdown', state: 'succeeded', startedAt: at }),
  result: someResult({ title: `The ${id}` }),
  ...rest,
});
const judged = (id: string, dependsOn: string[], rest: Partial<PlanRecord> = {}): PlanRecord =>
  made(id, {
    artifactKind: 'security-review',
    specialist: 'security-engineer',
    dependsOn,
    result: someResult({ verdict: 'pass' }),
    ...rest,
  });
const waiting = (record: PlanRecord, state: PlanRecord['state'] = 'blocked'): PlanRecord => ({
  ...record,
  ...{ state, result: null, startedAt: null },
});
/** The objecting review is still its reviewer's: it has no result yet. */
const objecting = (id: string, dependsOn: string[], rest: Partial<PlanRecord> = {}): PlanRecord =>
  judged(id, dependsOn, { state: 'running', result: null, ...rest });

const found = (artifact: string | null, rest: Partial<ReviewFinding> = {}): ReviewFinding => ({
  severity: 'high',
  title: 'A fault',
  artifact,
  place: null,
  resolution: 'Mend it.',
  ...rest,
});

const grow = (review: PlanRecord, plan: readonly PlanRecord[], findings: readonly ReviewFinding[] = []) =>
  growthAfter({ review, findings }, plan);
const growth = (...given: Parameters<typeof grow>): Growth => {
  const grown = grow(...given);
  if (!grown) throw new Error('The plan did not grow.');
  return grown;
};
const replaced = ({ added }: Growth) => Object.fromEntries(added.map(({ supersedes, id }) => [supersedes, id]));
const dependencies = ({ added }: Growth) => Object.fromEntries(added.map(({ id, dependsOn }) => [id, dependsOn]));

/** The plan after the growth, with what was done for it. */
const after = (plan: readonly PlanRecord[], { added, rewired }: Growth, done: (id: string) => Partial<PlanRecord>) =>
  [
    ...plan.map((each) => ({ ...each, ...rewired.find(({ id }) => id === each.id) })),
    ...added.map((each) => waiting({ ...made(each.id), ...each })),
  ].map((each) => ({ ...each, ...done(each.id) }));

describe('an objection', () => {
  const contract = made('contract', { artifactKind: 'openapi', specialist: 'api-designer' });
  const code = made('code', { artifactKind: 'typescript', dependsOn: ['contract'] });
  const rules = made('rules', { artifactKind: 'security-rules', dependsOn: ['contract'] });
  const review = objecting('security', ['code', 'rules', 'contract']);
  const handoff = waiting(made('handoff', { dependsOn: ['contract', 'security'] }));
  const plan = [contract, code, rules, review, handoff];

  test.each([
    ['by its id', 'code'],
    ['by its kind', 'typescript'],
    ['by its title', 'The code'],
    ['in other letters and with spaces around it', ' Code '],
  ])('has the artifact reworked that its finding names %s, and no other (G1)', (_, name) => {
    const grown = growth(review, plan, [found(name)]);
    expect(replaced(grown)).toEqual({ code: 'security-rework-1', security: 'security-round-2' });
    expect(dependencies(grown)['security-rework-1']).toEqual(['code', 'security', 'contract']);
  });

  test('has every artifact that a blocking finding names reworked side by side (G1)', () => {
    const grown = growth(review, plan, [found('rules'), found('code'), found('contract', { severity: 'low' })]);
    expect(replaced(grown)).toEqual({
      code: 'security-rework-1',
      rules: 'security-rework-2',
      security: 'security-round-2',
    });
    expect(dependencies(grown)).toEqual({
      'security-rework-1': ['code', 'security', 'contract'],
      'security-rework-2': ['rules', 'security', 'contract'],
      'security-round-2': ['security-rework-1', 'security-rework-2', 'contract', 'security'],
    });
  });

  test('that blocks by nothing serious has all that its findings name reworked (G1)', () => {
    expect(replaced(growth(review, plan, [found('code', { severity: 'medium' })]))).toHaveProperty('code');
  });

  test.each([
    ['names nothing', found(null)],
    ['names something that the review did not see', found('elsewhere')],
  ])('whose finding %s has the artifact most likely at fault reworked (G1)', (_, finding) => {
    expect(replaced(growth(review, plan, [finding]))).toEqual({
      rules: 'security-rework-1',
      security: 'security-round-2',
    });
  });

  test('of a code review that names nothing goes to what the leader of the task made (G1)', () => {
    const opinion = objecting('opinion', ['code', 'contract'], { artifactKind: 'code-review' });
    const grown = growthAfter({ review: opinion, findings: [], primary: 'api-designer' }, [contract, code, opinion]);
    expect(grown && replaced(grown)).toHaveProperty('contract');
  });

  test('to a contract has what was built on it reworked after it, with the new version as an input (G2)', () => {
    const grown = growth(review, plan, [found('contract')]);
    expect(dependencies(grown)).toEqual({
      'security-rework-1': ['contract', 'security'],
      'security-rework-2': ['code', 'security', 'security-rework-1'],
      'security-rework-3': ['rules', 'security', 'security-rework-1'],
      'security-round-2': ['security-rework-2', 'security-rework-3', 'security-rework-1', 'security'],
    });
  });

  test.each(['blocked', 'ready', 'paused'] as const)(
    'to a contract has what is %s wait for the new version (G2)',
    (state) => {
      const grown = growth(review, [contract, waiting(code, state), rules, review], [found('contract')]);
      expect(grown.rewired).toEqual([{ id: 'code', dependsOn: ['security-rework-1'] }]);
      expect(replaced(grown)).not.toHaveProperty('code');
    },
  );

  test('to a contract replaces work that is under way by work on the new version, which does not wait for it (G2)', () => {
    const grown = growth(review, [contract, { ...code, state: 'running', result: null }, review], [found('contract')]);
    expect(dependencies(grown)['security-rework-2']).toEqual(['security', 'security-rework-1']);
  });

  test('has what waits for the review wait for its next round', () => {
    expect(growth(review, plan, [found('contract')]).rewired).toEqual([
      { id: 'handoff', dependsOn: ['security-rework-1', 'security-round-2'] },
    ]);
  });

  test('has the reviews that passed look again, before the one that objects (G3)', () => {
    const performance = objecting('performance', ['code', 'security'], { artifactKind: 'performance-review' });
    const lone = made('code', { artifactKind: 'typescript' });
    const grown = growth(performance, [lone, judged('security', ['code']), performance], [found('code')]);
    expect(dependencies(grown)).toEqual({
      'performance-rework-1': ['code', 'performance'],
      'security-round-2': ['performance-rework-1', 'security'],
      'performance-round-2': ['performance-rework-1', 'security-round-2', 'performance'],
    });
    expect(grown.last).toBe('performance-round-2');
  });

  test('that comes while the next round of its review is waiting already adds what it found to that round', () => {
    const other = objecting('other', ['code', 'rules']);
    const first = [contract, code, rules, review, other];
    const grown = growth(review, first, [found('code')]);
    expect(replaced(grown)).toHaveProperty('other', 'other-round-2');
    const second = after(first, grown, (id) => (id === 'security' ? judged(id, review.dependsOn) : {}));
    const again = growth(other, second, [found('rules'), found('code')]);
    expect(replaced(again)).toEqual({ rules: 'other-rework-1', 'security-rework-1': 'other-rework-2' });
    const rounds = again.rewired.filter(({ id }) => id.endsWith('round-2'));
    expect(rounds).toHaveLength(2);
    for (const { dependsOn } of rounds)
      expect(dependsOn).toEqual(expect.arrayContaining(['other-rework-1', 'other-rework-2']));
  });

  test('to a review with nothing but reviews before it changes nothing', () => {
    expect(grow(objecting('alone', []), [objecting('alone', [])], [found(null)])).toBeUndefined();
  });

  test('leaves the next try as much time as there was for the one before', () => {
    const timed = [
      { ...code, timeoutSeconds: 90 },
      { ...review, timeoutSeconds: 60 },
    ] as const;
    const { added } = growth(timed[1], timed, [found('code')]);
    expect(added.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([90, 60]);
  });

  test('is followed by work that may ask no deeper than the review itself could', () => {
    const { added } = growth({ ...review, depth: 2 }, [code, { ...review, depth: 2 }], [found('code')]);
    expect(added.map(({ depth }) => depth)).toEqual([2, 2]);
  });
});

describe('the rounds of a review', () => {
  const build = made('build');
  const round = (plan: readonly PlanRecord[]): Growth | undefined => {
    const review = plan.findLast(
      ({ artifactKind, state }) => artifactKind === 'security-review' && state === 'running',
    );
    return review && grow(review, plan, [found(null)]);
  };
  /** The plan after `times` objections, the last review being about to object again. */
  const objected = (times: number): PlanRecord[] => {
    let plan: PlanRecord[] = [build, objecting('security', ['build'])];
    for (let count = 0; count < times; count++) {
      const grown = round(plan);
      if (!grown) throw new Error('The plan did not grow.');
      plan = after(
        plan.map((each) =>
          each.state === 'running'
            ? { ...each, state: 'succeeded', result: someResult({ verdict: 'changes-needed' }) }
            : each,
        ),
        grown,
        (id) => {
          if (id === grown.added.at(-1)?.id) return { state: 'running', startedAt: at };
          return grown.added.some((each) => each.id === id)
            ? made(id, { supersedes: grown.added[0]?.supersedes ?? null })
            : {};
        },
      ).map((each) => ({ ...each, ...grown.added.find(({ id }) => id === each.id) }));
    }
    return plan;
  };

  test('end after a bounded number of objections (G4)', () => {
    expect(round(objected(maxRounds - 1))).toBeDefined();
    expect(round(objected(maxRounds))).toBeUndefined();
  });

  test('build on the round before and on the latest version, and on nothing that was replaced', () => {
    const [, , , , , last] = objected(2);
    expect(last).toMatchObject({ id: 'security-round-3', dependsOn: ['security-rework-2', 'security-round-2'] });
  });

  test('count anew in a task that took over the objections of another one (K2)', () => {
    const taken = objected(maxRounds).map((each) => (each.state === 'running' ? each : { ...each, startedAt: null }));
    expect(round(taken)).toBeDefined();
  });
});

describe('a plan after an objection', () => {
  /** Makers, then a review of all of them, with some in another state. */
  const plans = fc
    .array(
      fc.record({
        to: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
        kind: fc.constantFrom('typescript', 'openapi', 'markdown', 'security-review', 'code-review'),
        state: fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'blocked', 'running', 'awaiting_approval'),
      }),
      { minLength: 1, maxLength: 20 },
    )
    .chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        named: fc.array(fc.nat({ max: rows.length - 1 }), { maxLength: 4 }),
        seen: fc.array(fc.nat({ max: rows.length - 1 }), { minLength: 1, maxLength: rows.length }),
      }),
    )
    .map(({ rows, named, seen }) => {
      const states = new Map<string, string>();
      const plan = rows.map(({ to, kind, state }, index) => {
        const dependsOn = [...new Set(to.filter((each) => each < index).map((each) => `n${each}`))];
        // What waits for something cannot have begun.
        const begun = dependsOn.every((each) => states.get(each) === 'succeeded') ? state : 'blocked';
        states.set(`n${index}`, begun);
        const record = made(`n${index}`, { artifactKind: kind, dependsOn });
        return begun === 'succeeded' ? record : { ...waiting(record, begun), startedAt: null };
      });
      const inputs = [...new Set(seen)].map((each) => `n${each}`).filter((each) => states.get(each) === 'succeeded');
      return { plan: [...plan, objecting('review', inputs)], findings: named.map((each) => found(`n${each}`)) };
    });

  test('is acyclic, has ids of its own, and nothing in it that may start waits for what was replaced (G2, G5)', () => {
    fc.assert(
      fc.property(plans, ({ plan, findings }) => {
        const review = plan.at(-1);
        const grown = review && grow(review, plan, findings);
        if (!grown) return;
        const whole = after(plan, grown, () => ({}));
        expect(planFaults(whole.map(({ id, dependsOn, ...rest }) => ({ ...rest, id, dependsOn })))).toEqual([]);
        const gone = new Set(whole.flatMap(({ supersedes }) => supersedes ?? []));
        const original = new Set(plan.map(({ id }) => id));
        const open = whole.filter(({ id, state }) => state === 'blocked' && !gone.has(id) && original.has(id));
        for (const { dependsOn } of open) expect(dependsOn.filter((each) => gone.has(each))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('has no assignment replaced twice', () => {
    fc.assert(
      fc.property(plans, ({ plan, findings }) => {
        const review = plan.at(-1);
        const grown = review && grow(review, plan, findings);
        const replacements = grown?.added.map(({ supersedes }) => supersedes) ?? [];
        expect(new Set(replacements).size).toBe(replacements.length);
      }),
    );
  });

  test('is left as it is when there is no space for all that follows (P2)', () => {
    const review = objecting('review', ['n0']);
    const full = (size: number) => [...Array.from({ length: size - 1 }, (_, index) => made(`n${index}`)), review];
    expect(growth(review, full(maxAssignments - 2), [found('n0')]).added).toHaveLength(2);
    expect(grow(review, full(maxAssignments - 1), [found('n0')])).toBeUndefined();
  });

  test('gets nothing whose id it has already, whatever its author called things (G5)', () => {
    const suffixes = fc.tuple(fc.constantFrom('rework', 'round', 'part'), fc.integer({ min: 1, max: 4 }));
    const named = fc
      .tuple(fc.constantFrom('performance', 'security'), fc.array(suffixes, { maxLength: 2 }))
      .map(([stem, parts]) => [stem, ...parts.map((part) => part.join('-'))].join('-'));
    fc.assert(
      fc.property(
        fc.uniqueArray(named, { minLength: 3, maxLength: 40 }),
        ([first = '', second = '', third = '', ...rest]) => {
          const review = objecting(first, [second, third]);
          const plan = [made(third), judged(second, [third]), review, ...rest.map((id) => made(id))];
          const { added } = growth(review, plan, [found(third)]);
          expect(new Set([...plan, ...added].map(({ id }) => id)).size).toBe(plan.length + 3);
        },
      ),
    );
  });

  test('gets ids no longer than an id may be, however deep in the plan the review was asked for', () => {
    let id = 'r'.repeat(64);
    for (let depth = 0; depth <= 2; depth++) {
      const review = objecting(id, ['build'], { depth });
      const { added } = growth(review, [made('build'), review], [found(null)]);
      for (const each of added) expect(assignmentId.safeParse(each.id).success).toBe(true);
      id = `${added[0]?.id ?? ''}-part-199`;
    }
  });
});

describe('the words of what is added', () => {
  const coordinator = { kind: 'coordinator' } as const;
  const caller = { kind: 'caller' } as const;
  const asker = { kind: 'specialist', id: 'api-designer' } as const;

  test.each([
    ['the coordinator’s, when the maker’s and the review’s are', coordinator, coordinator, coordinator],
    ['whose the review’s are, as the title quotes it', coordinator, asker, asker],
    ['whose the maker’s are, as the title quotes them', caller, coordinator, caller],
    ['on no record, when one of them is not', null, coordinator, null],
    ['on no record, when the quoted one is not', coordinator, null, null],
  ])('of a rework are %s', (_, maker, reviewer, expected) => {
    const plan = [made('code', { author: maker }), objecting('look', ['code'], { author: reviewer })];
    const { added } = growth(plan[1] ?? made('none'), plan, [found('code')]);
    expect(added.map(({ author }) => author)).toEqual([expected, reviewer]);
  });
});
