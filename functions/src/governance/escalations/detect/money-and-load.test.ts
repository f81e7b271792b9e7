// The detectors that count: costs, error rates, calls, limits, backups.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureKinds, outcomeOf, type FailureKind } from '../../../llm/failures.ts';
import type { LlmCall, ProviderName } from '../../../llm/schemas.ts';
import { costOverruns, overrunOf, type BudgetUse } from './cost-overrun.ts';
import { backupRisk } from './data-loss-risk.ts';
import { orgId } from '../../../platform/schemas.ts';
import { orgPolicy } from '../../policy/schemas.ts';
import { detectInOrg, monthOf } from './detect-in-org.ts';
import { limits, scalabilityLimits, type LimitName } from './scalability-limit.ts';
import { outcomeWindow, serviceOutages } from './service-outage.ts';
import { providersFault, thirdPartyFailures } from './third-party-failure.ts';

const now = new Date('2026-11-22T10:20:00Z');

describe('a budget', () => {
  const use = (over: Partial<BudgetUse>): BudgetUse => {
    return { name: 'task', spentNanoUsd: 0n, budgetNanoUsd: 1_000n, done: 1, all: 1, ...over };
  };

  test.each<[string, Partial<BudgetUse>, ReturnType<typeof overrunOf>]>([
    ['is kept when exactly all of it is spent', { spentNanoUsd: 1_000n }, null],
    ['is exceeded by a single nano-dollar', { spentNanoUsd: 1_001n }, 'over'],
    ['is far exceeded beyond one and a half of it', { spentNanoUsd: 1_501n }, 'far-over'],
    ['is not yet far exceeded at one and a half of it', { spentNanoUsd: 1_500n }, 'over'],
    ['will do when the forecast is exactly the budget', { spentNanoUsd: 500n, done: 5, all: 10 }, null],
    ['will not do when the forecast is a nano-dollar more', { spentNanoUsd: 501n, done: 5, all: 10 }, 'forecast'],
    ['has no forecast before a fifth is done', { spentNanoUsd: 900n, done: 1, all: 6 }, null],
    ['has a forecast from a fifth on', { spentNanoUsd: 201n, done: 1, all: 5 }, 'forecast'],
    ['has no forecast when nothing is done', { spentNanoUsd: 900n, done: 0, all: 0 }, null],
    ['that is none is never exceeded', { spentNanoUsd: 10n ** 18n, budgetNanoUsd: null }, null],
    ['of nothing is exceeded by anything', { spentNanoUsd: 1n, budgetNanoUsd: 0n }, 'far-over'],
  ])('%s', (_, over, expected) => {
    expect(overrunOf(use(over))).toBe(expected);
  });

  test('is never better kept by spending more (K3)', () => {
    const order = [null, 'forecast', 'over', 'far-over'];
    const nano = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(nano, nano, nano, fc.nat(200), fc.nat(200), (spentNanoUsd, more, budgetNanoUsd, done, rest) => {
        const before = use({ spentNanoUsd, budgetNanoUsd, done, all: done + rest });
        const after = { ...before, spentNanoUsd: spentNanoUsd + more };
        expect(order.indexOf(overrunOf(after))).toBeGreaterThanOrEqual(order.indexOf(overrunOf(before)));
      }),
    );
  });

  test('is told of with its figures, at each level once', () => {
    const finding = (spentNanoUsd: bigint) =>
      costOverruns([use({ spentNanoUsd, budgetNanoUsd: 1_000_000_000n, done: 1, all: 2 })])[0];
    expect(finding(600_000_000n)).toMatchObject({
      severity: 'medium',
      occurrence: 'forecast',
      evidence: [{ detail: '$0.60 of $1.00 spent, $1.20 forecast' }],
    });
    expect(finding(1_200_000_000n)).toMatchObject({ severity: 'high', occurrence: 'over' });
    expect(finding(600_000_000n)?.subject).toBe(finding(1_200_000_000n)?.subject);
  });

  test('of a month is forecast by the share of the month that is over', () => {
    const halfway = monthOf(new Date('2026-11-16T00:00:00Z'), 6n, 10n);
    expect(halfway).toMatchObject({ name: 'month 2026-11', done: 15 * 86_400_000, all: 30 * 86_400_000 });
    expect(overrunOf(halfway)).toBe('forecast');
    expect(overrunOf(monthOf(new Date('2026-12-31T23:59:59Z'), 6n, 10n))).toBeNull();
  });
});

describe('an outage', () => {
  const judged = (total: number, failed: number) =>
    serviceOutages(new Map([['getTask', { total, failed }]]), now).map(({ severity }) => severity);

  test.each([
    [19, 19, []],
    [20, 0, []],
    [1_000, 49, []],
    [1_000, 50, ['high']],
    [1_000, 499, ['high']],
    [1_000, 500, ['critical']],
    [20, 20, ['critical']],
  ])('among %i requests of which %i fail is %j', (total, failed, expected) => {
    expect(judged(total, failed)).toEqual(expected);
  });

  test('is seen in the window only, whatever came before', () => {
    const window = outcomeWindow(60_000);
    for (let at = 0; at < 30_000; at += 1_000) window.observe('getTask', true, at);
    expect(window.counts(30_000).get('getTask')).toEqual({ total: 30, failed: 30 });
    expect(window.counts(120_000)).toEqual(new Map());
  });

  test('is counted exactly: no outcome of the window is lost or counted twice', () => {
    const outcomes = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean(), fc.nat(20_000)), { maxLength: 100 });
    fc.assert(
      fc.property(outcomes, (all) => {
        const window = outcomeWindow(10_000);
        let at = 0;
        const seen = all.map(([operation, failed, wait]) => {
          at += wait;
          window.observe(operation, failed, at);
          return { operation, failed, bucket: Math.floor(at / 1_000) };
        });
        const inWindow = seen.filter(({ bucket }) => bucket > Math.floor(at / 1_000) - 10);
        for (const name of ['a', 'b']) {
          const own = inWindow.filter(({ operation }) => operation === name);
          const expected = { total: own.length, failed: own.filter(({ failed }) => failed).length };
          expect(window.counts(at).get(name) ?? { total: 0, failed: 0 }).toEqual(expected);
        }
      }),
    );
  });
});

describe('a provider', () => {
  const call = (index: number, error: FailureKind | null, provider: ProviderName = 'anthropic'): LlmCall => ({
    provider,
    model: 'model',
    outcome: error === null ? 'ok' : outcomeOf({ kind: error, usage: null, begun: false }),
    error,
    usage: null,
    costNanoUsd: null,
    startedAt: new Date(now.getTime() + index * 1_000),
    latencyMs: 1,
    providerRequestId: null,
  });
  const calls = (errors: readonly (FailureKind | null)[]) => errors.map((error, index) => call(index, error));
  const repeated = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

  test('fails by five failures in a row, not by four, and a success ends the row', () => {
    expect(thirdPartyFailures(calls(repeated(4, 'overloaded')))).toEqual([]);
    expect(thirdPartyFailures(calls(repeated(5, 'overloaded')))).toMatchObject([
      { severity: 'medium', subject: 'anthropic', evidence: [{ detail: 'overloaded: 5' }] },
    ]);
    expect(thirdPartyFailures(calls([...repeated(5, 'overloaded' as const), null]))).toEqual([]);
  });

  test('fails when half of ten calls do, and gravely when nearly all do', () => {
    const half = repeated(5, ['timeout', null] as const).flat();
    expect(thirdPartyFailures(calls(half))).toMatchObject([{ severity: 'medium' }]);
    expect(thirdPartyFailures(calls(half.slice(1)))).toEqual([]);
    expect(thirdPartyFailures(calls(repeated(10, 'server_error')))).toMatchObject([{ severity: 'high' }]);
  });

  test.each<FailureKind>(['unauthorized', 'model_not_found', 'exhausted'])(
    'fails gravely by one call that is %s, until a later call is answered (T3)',
    (kind) => {
      expect(thirdPartyFailures(calls([null, null, kind]))).toMatchObject([
        { severity: 'high', subject: 'anthropic', evidence: [{ detail: `${kind}: 1` }] },
      ]);
      expect(thirdPartyFailures(calls([kind, null]))).toEqual([]);
    },
  );

  test('is not blamed for what another one did', () => {
    const all = [
      ...calls(repeated(5, 'unreachable')),
      ...repeated(20, 0).map((_, index) => call(index, null, 'openai')),
    ];
    expect(thirdPartyFailures(all).map(({ subject }) => subject)).toEqual(['anthropic']);
  });

  test.each(failureKinds)('is blamed for %s only if it is its own fault', (kind) => {
    expect(thirdPartyFailures(calls(repeated(20, kind))).length).toBe(providersFault.has(kind) ? 1 : 0);
  });

  test('is blamed for known kinds of failure only', () => {
    expect([...providersFault].filter((kind) => !failureKinds.includes(kind as FailureKind))).toEqual([]);
  });

  test('is judged alike whatever the order of the records', () => {
    const kinds = fc.array(fc.constantFrom(null, 'overloaded' as const, 'refused' as const), { maxLength: 30 });
    fc.assert(
      fc.property(kinds, (errors) => {
        expect(thirdPartyFailures(calls(errors).toReversed())).toEqual(thirdPartyFailures(calls(errors)));
      }),
    );
  });
});

describe('a limit', () => {
  const names = Object.keys(limits) as LimitName[];
  const judged = (name: LimitName, value: number) =>
    scalabilityLimits([{ name, subject: 'x', value, limit: 100 }]).map(({ severity }) => severity);

  test.each(names)('%s is near from four fifths on, and reached at its value', (name) => {
    const limit = limits[name].limit ?? 100;
    expect(judged(name, limit * 0.79)).toEqual([]);
    expect(judged(name, limit * 0.8)).toEqual(['medium']);
    expect(judged(name, limit)).toEqual(['high']);
  });

  test('of assignments that run at once is what the org is admitted by, its weight included', () => {
    const policy = orgPolicy.parse({ limits: { concurrentAssignments: 10, weight: 3 } });
    const facts = { org: orgId.parse('acme'), now, policy, monthSpentNanoUsd: 0n, lastBackupTestAt: now };
    const severities = [23, 24, 30].map((runningAssignments) =>
      detectInOrg({ ...facts, runningAssignments }).map(({ severity }) => severity),
    );
    expect(severities).toEqual([[], ['medium'], ['high']]);
  });

  test('that nobody knows is not judged', () => {
    expect(scalabilityLimits([{ name: 'plan-size', subject: 'x', value: 1e9 }])).toEqual([]);
  });
});

describe('what stays so in an org', () => {
  const keysAt = (at: string): string[] =>
    detectInOrg({
      org: orgId.parse('acme'),
      now: new Date(at),
      policy: orgPolicy.parse({ budget: { monthlyNanoUsd: '1' }, limits: { concurrentAssignments: 10 } }),
      monthSpentNanoUsd: 2n,
      runningAssignments: 8,
      lastBackupTestAt: null,
    }).map(({ key }) => key);

  test('is one occurrence a day (UTC), however often somebody looks', () => {
    const today = keysAt('2026-11-22T00:00:00Z');
    expect(today).toHaveLength(3);
    expect(keysAt('2026-11-22T23:59:59Z')).toEqual(today);
    expect(keysAt('2026-11-23T00:00:00Z').filter((key) => today.includes(key))).toEqual([]);
  });
});

describe('backups', () => {
  const hours = (count: number) => new Date(now.getTime() - count * 3_600_000);
  const judged = (lastTestedAt: Date | null) => backupRisk({ lastTestedAt, backupMaxAgeHours: 24, now });

  test('are at risk once the last test is older than allowed, not before', () => {
    expect(judged(hours(24))).toEqual([]);
    expect(judged(new Date(hours(24).getTime() - 1))).toMatchObject([{ severity: 'high' }]);
  });

  test('are at risk when none was ever tested', () => {
    expect(judged(null)).toMatchObject([{ severity: 'medium', occurrence: 'never' }]);
  });
});
