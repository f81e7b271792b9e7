import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orgId } from '../../platform/schemas.ts';
import { causeOf, fingerprintOf, signalIdFor } from './ids.ts';
import {
  escalation as escalationSchema,
  severities,
  type Escalation,
  type EscalationDraft,
  type LadderStep,
  type Severity,
  type Signal,
} from './schemas.ts';
import { acknowledged, climb, countSignals, isNews, resolved } from './state.ts';
import { ladderFor, triggerTable } from './triggers.ts';

const org = orgId.parse('acme');
const start = new Date('2026-11-22T10:00:00Z');
const minutes = (count: number) => new Date(start.getTime() + count * 60_000);
const ladder: LadderStep[] = [
  { party: 'peer', afterMinutes: 0 },
  { party: 'main-coordinator', afterMinutes: 15 },
  { party: 'human', afterMinutes: 60 },
];
const by = { uid: 'operator-1', role: 'operator' as const };

const draft: EscalationDraft = {
  org,
  task: null,
  trigger: 'breaking-api-change',
  severity: 'medium',
  title: 'The API contract has 1 breaking change',
  subject: 'tsk_1 openapi',
  key: 'first',
  evidence: [],
  by: null,
};
const signalOf = (over: Partial<EscalationDraft> = {}, at = start): Signal => {
  const said = { ...draft, ...over };
  return { ...said, id: signalIdFor(said), cause: causeOf(said), fingerprint: fingerprintOf(said), at };
};
const count = (latest: Escalation | undefined, signals: Signal[], now = start) =>
  countSignals(latest, signals, { ladder, now });
const raised = (over: Partial<EscalationDraft> = {}): Escalation => {
  const [first] = count(undefined, [signalOf(over)]);
  if (!first) throw new Error('It was not raised.');
  return first.record;
};
const mustClimb = (record: Escalation, now: Date) => {
  const climbed = climb(record, now);
  if (!climbed) throw new Error('It did not climb.');
  return climbed;
};

describe('an escalation', () => {
  test('is raised open, with the first step due at once', () => {
    expect(raised()).toMatchObject({ state: 'open', generation: 1, step: 0, occurrences: 1, wakeAt: start });
    expect(escalationSchema.parse(raised())).toEqual(raised());
  });

  test('tells each party when its time has come, then lapses (S2)', () => {
    const peer = mustClimb(raised(), start);
    expect([peer.told, peer.record.wakeAt]).toEqual(['peer', minutes(15)]);
    expect(climb(peer.record, minutes(14))).toBeUndefined();
    const main = mustClimb(peer.record, minutes(15));
    const human = mustClimb(main.record, minutes(70));
    expect([main.told, human.told]).toEqual(['main-coordinator', 'human']);
    expect(climb(human.record, minutes(129))).toBeUndefined();
    const lapsed = mustClimb(human.record, minutes(130));
    expect(lapsed).toMatchObject({ told: null, record: { lapsedAt: minutes(130), wakeAt: null, state: 'open' } });
    expect(climb(lapsed.record, minutes(10_000))).toBeUndefined();
  });

  test('can still be acknowledged and resolved after it lapsed', () => {
    const lapsed = [0, 15, 60, 120].reduce((record, at) => mustClimb(record, minutes(at)).record, raised());
    expect(acknowledged(lapsed, { by, at: minutes(130), text: '' })?.state).toBe('acknowledged');
    expect(resolved(lapsed, { by, at: minutes(130), text: 'Fixed' })?.state).toBe('resolved');
  });

  test('seen again is one more occurrence of the same, at its worst severity (S4)', () => {
    const [again] = count(raised(), [signalOf({ key: 'second', severity: 'critical' }, minutes(1))], minutes(1));
    expect(again?.record).toMatchObject({
      generation: 1,
      occurrences: 2,
      severity: 'critical',
      lastSeenAt: minutes(1),
    });
    expect(again?.record.history.at(-1)).toEqual({ type: 'worsened', at: minutes(1), severity: 'critical' });
  });

  test('that was resolved stays so, and its cause opens the next generation (S1)', () => {
    const over = resolved(raised(), { by, at: minutes(5), text: 'Fixed' });
    const [next, ...others] = count(over, [signalOf({ key: 'second' }, minutes(6))], minutes(6));
    expect(others).toEqual([]);
    expect(next?.record).toMatchObject({ generation: 2, occurrences: 1, state: 'open' });
    expect(next?.record.id).not.toBe(over?.id);
  });

  test('that was resolved counts what was seen before the resolution, and opens nothing for it (S1)', () => {
    const over = resolved(raised(), { by, at: minutes(5), text: 'Fixed' });
    const late = signalOf({ key: 'second' }, minutes(4));
    expect(count(over, [late], minutes(6))).toEqual([
      { record: expect.objectContaining({ state: 'resolved', occurrences: 2 }), counted: [late] },
    ]);
  });

  test('keeps the newest evidence, each fact once, in bounds', () => {
    const fact = (name: number) => ({ source: 'artifact' as const, ref: `fact ${name}`, detail: 'is so' });
    const many = Array.from({ length: 30 }, (_, index) =>
      signalOf({ key: `key ${index}`, evidence: [fact(index), fact(0)] }, minutes(index)),
    );
    const [first] = count(undefined, many);
    expect(first?.record.evidence.slice(0, 3)).toEqual([fact(29), fact(0), fact(28)]);
    expect(escalationSchema.safeParse(first?.record).success).toBe(true);
  });
});

describe('one that nobody ever answers', () => {
  test('is told anew however often it is seen, and keeps how it was raised and what came last', () => {
    const days = Array.from({ length: 40 }, (_, index) => index * 24 * 60);
    const last = days.reduce<Escalation | undefined>((before, day) => {
      const [seen] = count(before, [signalOf({ key: `day ${day}` }, minutes(day))], minutes(day));
      if (!seen) throw new Error('It was not counted.');
      return [0, 15, 60, 120].reduce((record, at) => mustClimb(record, minutes(day + at)).record, seen.record);
    }, undefined);
    expect(last).toMatchObject({ generation: 1, occurrences: 40 });
    expect(last?.history).toHaveLength(50);
    expect(last?.history[0]).toEqual({ type: 'raised', at: start, by: null });
    expect(last?.history.at(-1)?.type).toBe('lapsed');
    expect(escalationSchema.parse(last)).toEqual(last);
  });
});

describe('one that gets worse', () => {
  const seen = (record: Escalation, over: Partial<EscalationDraft>, at: number): Escalation => {
    const [again] = count(record, [signalOf({ key: `at ${at}`, ...over }, minutes(at))], minutes(at));
    if (!again) throw new Error('It was not counted.');
    return again.record;
  };
  const acknowledgedAt = (at: number) => {
    const record = acknowledged(mustClimb(raised(), start).record, { by, at: minutes(at), text: '' });
    if (!record) throw new Error('It was not open.');
    return record;
  };
  const lapsed = [0, 15, 60, 120].reduce((record, at) => mustClimb(record, minutes(at)).record, raised());

  test('while its ladder is climbed has the timers of its severity, and tells nobody twice (S5)', () => {
    const worse = seen(mustClimb(raised(), start).record, { severity: 'critical' }, 5);
    const main = mustClimb(worse, minutes(5));
    expect([main.told, main.record.wakeAt]).toEqual(['main-coordinator', minutes(45)]);
    expect(mustClimb(main.record, minutes(45))).toMatchObject({ told: 'human', record: { wakeAt: minutes(105) } });
  });

  test('after all of the ladder was due leaves the last party its time (S3)', () => {
    const worse = seen(mustClimb(mustClimb(raised(), start).record, minutes(15)).record, { severity: 'critical' }, 59);
    expect(mustClimb(worse, minutes(59))).toMatchObject({ told: 'human', record: { wakeAt: minutes(119) } });
  });

  test('after somebody acknowledged it is open again, and tells from the start (S5)', () => {
    const worse = seen(acknowledgedAt(1), { severity: 'critical' }, 200);
    expect(worse).toMatchObject({
      state: 'open',
      acknowledgement: null,
      step: 0,
      ladderFrom: minutes(200),
      wakeAt: minutes(200),
    });
    expect(worse.history.slice(-2)).toEqual([
      { type: 'worsened', at: minutes(200), severity: 'critical' },
      { type: 'reopened', at: minutes(200), by: null },
    ]);
    const main = mustClimb(worse, minutes(200));
    expect([main.told, main.record.wakeAt]).toEqual(['main-coordinator', minutes(245)]);
  });

  test('stays with who acknowledged it while it is not worse', () => {
    expect(seen(acknowledgedAt(1), { severity: 'medium' }, 200)).toMatchObject({ state: 'acknowledged', wakeAt: null });
  });

  test('or is seen at all after it lapsed is open again (S5)', () => {
    expect(seen(lapsed, { severity: 'low' }, 500)).toMatchObject({
      state: 'open',
      lapsedAt: null,
      severity: 'medium',
      wakeAt: minutes(500),
    });
  });

  test.each([
    ['acknowledged', acknowledgedAt(1)],
    ['lapsed', lapsed],
  ])('or that a person raises is told again although it was %s (S5)', (_, record) => {
    const again = seen(record, { by, severity: 'low' }, 500);
    expect(again).toMatchObject({ state: 'open', wakeAt: minutes(500) });
    expect(again.history.at(-1)).toEqual({ type: 'reopened', at: minutes(500), by });
  });
});

describe('a signal that was counted before', () => {
  const before = { ...signalOf(), escalation: raised().id };
  const over = resolved(raised(), { by, at: minutes(5), text: 'Fixed' });

  test('is no news in its generation, and news after the resolution', () => {
    expect(isNews(signalOf({}, minutes(9)), before, raised())).toBe(false);
    expect(isNews(signalOf({}, minutes(4)), before, over)).toBe(false);
    expect(isNews(signalOf({}, minutes(6)), before, over)).toBe(true);
  });

  test('is news in a later generation that has not counted it', () => {
    const [next] = count(over, [signalOf({ key: 'second' }, minutes(6))], minutes(6));
    expect(isNews(signalOf({}, minutes(9)), before, next?.record)).toBe(true);
  });

  test('by a person counts once for ever', () => {
    expect(isNews(signalOf({ by }, minutes(6)), { ...before, by }, over)).toBe(false);
  });
});

describe('whatever happens, in any order', () => {
  type Step = {
    readonly kind: 'climb' | 'acknowledge' | 'resolve' | 'signal';
    readonly wait: number;
    readonly severity: Severity;
  };
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      kind: fc.constantFrom(
        'climb' as const,
        'climb' as const,
        'climb' as const,
        'signal' as const,
        'acknowledge' as const,
        'resolve' as const,
      ),
      wait: fc.integer({ min: 0, max: 40 }),
      severity: fc.constantFrom(...severities),
    }),
    { maxLength: 30 },
  );

  const reaction = (at: Date) => ({ by, at, text: 'Seen' });
  const signaled = (record: Escalation, severity: Severity, at: Date) =>
    count(record, [signalOf({ key: at.toISOString(), severity }, start)], at)[0]?.record;

  /** What a step makes of a record, and how many parties it tells. */
  const moves: Record<Step['kind'], (record: Escalation, step: Step, at: Date) => [Escalation | undefined, number]> = {
    climb: (record, _, at) => {
      const climbed = climb(record, at);
      return [climbed?.record, climbed?.told ? 1 : 0];
    },
    signal: (record, { severity }, at) => [signaled(record, severity, at), 0],
    acknowledge: (record, _, at) => [acknowledged(record, reaction(at)), 0],
    resolve: (record, _, at) => [resolved(record, reaction(at)), 0],
  };

  interface Seen {
    readonly record: Escalation;
    /** Parties told so far. */
    readonly told: number;
    /** Minutes since the start. */
    readonly at: number;
    readonly kind: Step['kind'];
  }

  const timesTold = ({ history }: Escalation) => history.filter(({ type }) => type === 'told').length;
  const toldOnLadder = ({ history }: Escalation) =>
    history
      .slice(history.findLastIndex(({ type }) => type === 'reopened') + 1)
      .flatMap((entry) => (entry.type === 'told' ? [entry.party] : []));

  const expectAllowed = (before: Escalation, { record, told, at, kind }: Seen) => {
    const worsened = severities.indexOf(record.severity) - severities.indexOf(before.severity);
    expect(worsened).toBeGreaterThanOrEqual(0);
    if (before.state === 'resolved') expect(record.state).toBe('resolved');
    if (told > timesTold(before)) {
      expect(before.state).toBe('open');
      expect(minutes(at).getTime()).toBeGreaterThanOrEqual(before.wakeAt?.getTime() ?? Infinity);
    }
    expect(timesTold(record)).toBe(told);
    expect(toldOnLadder(record)).toEqual(record.ladder.slice(0, record.step).map(({ party }) => party));
    expect(record.wakeAt !== null).toBe(record.state === 'open' && record.lapsedAt === null);
    if (kind === 'signal') expectHeard(before, { record, worsened: worsened > 0 });
  };

  /** S5. */
  const expectHeard = (before: Escalation, { record, worsened }: { record: Escalation; worsened: boolean }) => {
    if (before.state === 'resolved') return;
    if (worsened || before.state === 'open') expect(record.wakeAt).not.toBeNull();
    if (before.wakeAt !== null && record.wakeAt !== null) {
      expect(record.wakeAt.getTime()).toBeLessThanOrEqual(before.wakeAt.getTime());
    }
  };

  test('each step is climbed once, in order, when it is due, and only while nobody has reacted (S2, S3, S5)', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let record = raised({ severity: 'low' });
        let at = 0;
        let told = 0;
        for (const { wait, ...step } of all) {
          at += wait;
          const before = record;
          const [after, newlyTold] = moves[step.kind](record, { wait, ...step }, minutes(at));
          record = after ?? record;
          told += newlyTold;
          expectAllowed(before, { record, at, told, kind: step.kind });
          expect(escalationSchema.safeParse(record).success).toBe(true);
        }
      }),
    );
  });

  test('signals come to the same escalation in whatever order they are counted, and each counts once (S4)', () => {
    const signals = fc.uniqueArray(
      fc.record({ key: fc.nat(1_000), severity: fc.constantFrom(...severities), minute: fc.nat(100) }),
      { selector: ({ key }) => key, minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(signals, fc.nat(), (all, seed) => {
        const made = all.map(({ key, severity, minute }) => signalOf({ key: String(key), severity }, minutes(minute)));
        const shuffled = made.toSorted((a, b) => ((Number(a.key) * 31 + seed) % 7) - ((Number(b.key) * 31 + seed) % 7));
        expect(count(undefined, shuffled)).toEqual(count(undefined, made));
        expect(count(undefined, made)[0]?.record.occurrences).toBe(all.length);
      }),
    );
  });
});

describe('the ladder', () => {
  test('leaves peers out when it is urgent or critical, and starts at once', () => {
    const above = [
      { party: 'main-coordinator', afterMinutes: 0 },
      { party: 'human', afterMinutes: 45 },
    ];
    expect(ladderFor('service-outage', 'low', ladder)).toEqual(above);
    expect(ladderFor('breaking-api-change', 'critical', ladder)).toEqual(above);
    expect(ladderFor('breaking-api-change', 'medium', ladder)).toEqual(ladder);
  });

  test('always has somebody to tell', () => {
    const peersOnly: LadderStep[] = [{ party: 'peer', afterMinutes: 5 }];
    expect(ladderFor('service-outage', 'critical', peersOnly)).toEqual(peersOnly);
  });

  test('stands for the eight triggers in the words of the specification', () => {
    expect(Object.values(triggerTable).map(({ title }) => title)).toEqual([
      'Security vulnerabilities discovered',
      'Data loss risk identified',
      'Service outages occur',
      'Cost overruns detected',
      'API breaking changes needed',
      'Compliance issues arise',
      'Third-party service failures',
      'Scalability limits reached',
    ]);
  });
});
