import { expect, test } from '@jest/globals';
import { isSpent, spentOn } from './budget.ts';
import { reportOn } from './report.ts';
import { at, someAssignment, someCall, someTask } from './test-records.ts';

const cutOff = someCall({ outcome: 'unknown', error: 'connection', costNanoUsd: null, worstCaseNanoUsd: 90n });

test('a call of unknown outcome counts in the budget at its worst case, and is no cost', () => {
  expect(spentOn([someCall({ costNanoUsd: 10n }), cutOff])).toBe(10n);
  expect(isSpent(101n, [someCall({ costNanoUsd: 10n }), cutOff])).toBe(false);
  expect(isSpent(100n, [someCall({ costNanoUsd: 10n }), cutOff])).toBe(true);
});

test('a call whose cost is known after all counts with that', () => {
  expect(isSpent(50n, [{ ...cutOff, costNanoUsd: 10n }])).toBe(false);
});

test('calls of runs that died count too', () => {
  expect(isSpent(100n, [someCall({ costNanoUsd: 10n })], 90n)).toBe(true);
});

test('the report names what is unknown, and who keeps the work from going on', () => {
  const calls = [{ ...cutOff, worstCaseNanoUsd: 480_000_000n }];
  const wait = {
    id: 'provider:openai',
    kind: 'provider' as const,
    assignment: null,
    party: 'provider:openai',
    reason: 'gpt-6.1-terra: unauthorized',
    deadlineAt: at,
    onSilence: 'fail' as const,
  };
  const outcome = { ending: { state: 'update' as const }, gates: [] };
  const { concerns, spend } = reportOn(someTask({ waits: [wait] }), [someAssignment({ calls })], outcome, at);
  expect(concerns).toEqual([
    'Waits for provider:openai: gpt-6.1-terra: unauthorized',
    'The outcome of 1 model calls is unknown; they may have cost up to $0.48 more.',
  ]);
  expect(spend).toMatchObject({ unknownCalls: 1, costNanoUsd: 0n, worstCaseNanoUsd: 480_000_000n });
});
