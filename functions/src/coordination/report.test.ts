import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GateVerdict } from '../governance/schemas.ts';
import { reportOn, spendOf, type Ending } from './report.ts';
import type { Assignment } from './schemas.ts';
import { at, someAssignment, someCall, someResult, someTask } from './test-records.ts';

const failure = { code: 'coordination.assignment_failed', detail: 'It went wrong.' };
const ended = (assignments: readonly Assignment[], ending: Ending = { state: 'canceled' }, gates: GateVerdict[] = []) =>
  reportOn(someTask(), assignments, { ending, gates }, at);
const paid = (costNanoUsd: bigint, rest: Partial<Assignment> = {}) =>
  someAssignment({
    state: 'succeeded',
    startedAt: at,
    finishedAt: at,
    result: someResult(),
    calls: [someCall({ costNanoUsd })],
    ...rest,
  });
const running = someAssignment({ state: 'running', startedAt: at });
const blocked = someAssignment({ state: 'blocked' });
const verdict = (gate: GateVerdict['gate'], status: GateVerdict['status'], ref?: string): GateVerdict => ({
  ...{ gate, version: 1, policyVersion: 0, title: `Title of ${gate}`, required: true, status, needed: [] },
  evidence:
    ref === undefined
      ? []
      : [
          {
            ...{
              source: 'verdict',
              outcome: 'passed',
              subject: ref,
              ref,
              detail: '',
              outdated: false,
              interested: false,
              decides: true,
              at,
            },
            by: { kind: 'person', uid: 'ann', role: 'operator' },
          },
        ],
});

describe('the savings of an early end', () => {
  test('are what the finished assignments cost on average, for each that was stopped or not begun', () => {
    const { saved } = ended([paid(100n), paid(300n), running, blocked, blocked]);
    expect(saved).toEqual({ assignmentsStopped: 1, assignmentsNotStarted: 2, estimatedNanoUsd: 600n });
  });

  test('are not estimated from nothing, and not claimed by a completed task', () => {
    expect(ended([running, blocked]).saved).toEqual({
      assignmentsStopped: 1,
      assignmentsNotStarted: 1,
      estimatedNanoUsd: null,
    });
    expect(ended([paid(1n)], { state: 'completed' }).saved).toBeNull();
  });
});

describe('the projection of the cost', () => {
  const planOf = (estimatedMonthlyCostUsd: number, rest: Partial<Assignment> = {}) =>
    paid(0n, { result: someResult({ metrics: { estimatedMonthlyCostUsd } }), ...rest });

  test.each([
    [0, '$0.00/month'],
    [42.5, '$42.50/month'],
    [120, '$120.00/month'],
  ])('is what the deployment plan says, whatever the models cost: %d', (usd, expected) => {
    expect(ended([planOf(usd), paid(10n ** 12n)]).metrics.cost_projection).toBe(expected);
  });

  test('is that of the plan that stands, and is not given without a plan', () => {
    const replaced = [planOf(900, { id: 'plan' }), planOf(61, { id: 'again', supersedes: 'plan' })];
    expect(ended(replaced).metrics.cost_projection).toBe('$61.00/month');
    expect(ended([paid(1n)]).metrics.cost_projection).toBe('n/a');
  });
});

const noTokens = {
  inputUncached: 0,
  inputCacheRead: 0,
  inputCacheWriteShort: 0,
  inputCacheWriteLong: 0,
  inputTool: 0,
  outputVisible: 0,
  outputReasoning: 0,
};

describe('what was spent', () => {
  const calls = fc.array(
    fc.record({ cost: fc.option(fc.bigInt({ min: 0n, max: 10n ** 15n })), tokens: fc.nat({ max: 100_000 }) }),
    { maxLength: 20 },
  );
  const callOf = ({ cost, tokens }: { cost: bigint | null; tokens: number }) =>
    someCall({
      costNanoUsd: cost,
      usage: { ...noTokens, inputUncached: tokens },
    });

  test('is the same however the calls are spread over the task and its assignments', () => {
    fc.assert(
      fc.property(calls, fc.nat(), (drawn, seed) => {
        const made = drawn.map(callOf);
        const cut = seed % (made.length + 1);
        const together = spendOf(someTask({ calls: made }), []);
        const spread = spendOf(someTask({ calls: made.slice(0, cut) }), [
          someAssignment({ calls: made.slice(cut).toReversed() }),
          someAssignment(),
        ]);
        expect(spread).toEqual(together);
        expect(together.costNanoUsd).toBe(drawn.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n));
        expect(together.llmCalls).toBe(drawn.length);
        expect(together.tokens).toBe(drawn.reduce((sum, { tokens }) => sum + tokens, 0));
      }),
    );
  });

  test('names the calls of which nobody knows how they ended, apart from the cost', () => {
    const unknown = someCall({ outcome: 'unknown', costNanoUsd: null });
    const spend = spendOf(someTask({ lostCalls: 1 }), [someAssignment({ calls: [unknown], lostCalls: 2 })]);
    expect(spend).toMatchObject({ llmCalls: 1, unknownCalls: 4, costNanoUsd: 0n });
  });
});

describe('the figures of the report', () => {
  test('are taken from the work: endpoints, and no response time while nothing measured it', () => {
    const assignments = [
      paid(0n, { result: someResult({ metrics: { endpoints: 3 } }) }),
      paid(0n, { result: someResult({ metrics: { endpoints: 2 } }), calls: [someCall({ latencyMs: 300 })] }),
      someAssignment({ calls: [someCall({ outcome: 'error', latencyMs: 9_000 })] }),
    ];
    const { metrics } = ended(assignments, { state: 'completed' });
    expect(metrics).toMatchObject({ api_endpoints: 5, avg_response_time: 'n/a' });
  });

  test.each([
    ['A+', verdict('security', 'passed', 'clean')],
    ['A', verdict('security', 'passed', 'worried')],
    ['F', verdict('security', 'failed')],
    ['n/a', verdict('security', 'no_evidence')],
    ['n/a', verdict('security', 'waived')],
    ['n/a', verdict('performance', 'passed', 'clean')],
  ])('give the security %s by its gate alone', (expected, gate) => {
    const reviews = [
      paid(0n, { id: 'clean' }),
      paid(0n, { id: 'worried', result: someResult({ concerns: ['A secret in the code.'] }) }),
    ];
    expect(ended(reviews, { state: 'completed' }, [gate]).metrics.security_score).toBe(expected);
  });

  test('leave out the concerns of work that was reworked and of reviews that looked again', () => {
    const worried = (id: string, concern: string, supersedes: string | null) =>
      paid(0n, { id, supersedes, result: someResult({ concerns: [concern] }) });
    const assignments = [
      worried('review', 'Members can change records of others.', null),
      worried('review-round-2', 'Sessions last a month.', 'review'),
    ];
    expect(ended(assignments, { state: 'completed' }).concerns).toEqual(['Sessions last a month.']);
  });

  test('name why it failed first, then failed gates, concerns and gates without evidence, each once', () => {
    const worried = paid(0n, { result: someResult({ concerns: ['Slow.', 'Slow.'] }) });
    const gates = [verdict('tests', 'no_evidence'), verdict('security', 'failed')];
    const report = ended([worried], { state: 'failed', failure }, gates);
    expect(report.concerns).toEqual([
      'It went wrong.',
      'Gate failed: Title of security',
      'Slow.',
      'No evidence yet: Title of tests',
    ]);
    expect(report.summary).toBe('A task: failed after 1 of 1 assignments: It went wrong.');
  });
});
