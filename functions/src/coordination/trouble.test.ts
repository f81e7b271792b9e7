import { describe, expect, test } from '@jest/globals';
import { llmErrors } from '../llm/index.ts';
import { AppError } from '../platform/errors.ts';
import { coordinationErrors } from './errors.ts';
import { at, deadlineAt, someAssignment, someCall, someTask } from './test-records.ts';
import { agentTrouble, endedTroubles, troublesOf, unshown, waitFor } from './trouble.ts';

const later = (ms: number) => new Date(at.getTime() + ms);
const wrongKey = someCall({ outcome: 'error', error: 'unauthorized', model: 'claude-sonnet-5-5' });
const refused = new AppError(llmErrors.providersRefuseUs);

describe('who is in the way of work', () => {
  const tried = (failedTries: number) => someAssignment({ failedTries });

  test('is every provider that refuses the service, by what it refused last, after the first try', () => {
    const other = someCall({ provider: 'openai', outcome: 'error', error: 'model_not_found', model: 'gpt-6.1-terra' });
    expect(troublesOf(refused, [wrongKey, { ...wrongKey, error: 'exhausted' }, other], tried(1))).toEqual([
      { kind: 'provider', party: 'provider:anthropic', reason: 'claude-sonnet-5-5: exhausted' },
      { kind: 'provider', party: 'provider:openai', reason: 'gpt-6.1-terra: model_not_found' },
    ]);
  });

  test('is a disabled agent after the first try', () => {
    const disabled = new AppError(coordinationErrors.agentDisabled);
    expect(troublesOf(disabled, [], tried(1))).toMatchObject([{ party: 'agent:nodejs-expert' }]);
  });

  test.each([
    ['busy providers', llmErrors.allProvidersFailed, 'provider:anthropic'],
    ['an agent that gives work back', coordinationErrors.agentGaveBack, 'agent:nodejs-expert'],
  ])('is nobody while %s may be so for a moment only', (_, row, party) => {
    expect(troublesOf(new AppError(row), [wrongKey], tried(4))).toEqual([]);
    expect(troublesOf(new AppError(row), [wrongKey], tried(5))).toMatchObject([{ party }]);
  });

  test('is nobody when the cause is the work itself', () => {
    expect(troublesOf(undefined, [wrongKey], tried(50))).toEqual([]);
    expect(troublesOf(new AppError(coordinationErrors.budgetExceeded), [wrongKey], tried(50))).toEqual([]);
  });
});

describe('a wait for trouble', () => {
  const wait = waitFor(agentTrouble('nodejs-expert', 'disabled'), someAssignment({ retryAt: later(30_000) }));

  test('says who, why, when it is tried again, and that it fails by the deadline (W2)', () => {
    expect(wait).toEqual({
      id: 'agent:nodejs-expert',
      kind: 'agent',
      assignment: null,
      party: 'agent:nodejs-expert',
      reason: 'disabled',
      deadlineAt,
      onSilence: 'fail',
      retryAt: later(30_000),
    });
  });

  test('is written once for a party, and anew when its next try has passed or the reason has changed (W1)', () => {
    const task = someTask({ waits: [wait] });
    expect(unshown(someTask(), [wait], at)).toEqual([wait]);
    expect(unshown(task, [{ ...wait, retryAt: later(40_000) }], at)).toEqual([]);
    expect(unshown(task, [wait], later(30_001))).toEqual([wait]);
    expect(unshown(task, [{ ...wait, reason: 'silent' }], at)).toHaveLength(1);
  });

  const ofProvider = { ...wait, id: 'provider:openai', kind: 'provider' as const, party: 'provider:openai' };
  const approval = { ...wait, id: 'apr_1', kind: 'approval' as const, party: 'operator' };
  const task = someTask({ waits: [wait, ofProvider, approval] });
  const ended = (...assignments: Parameters<typeof endedTroubles>[1]) => endedTroubles(task, assignments);

  test('is over once nothing unfinished has that trouble; what waits for people is not touched', () => {
    expect(ended(someAssignment({ failedTries: 0 }))).toEqual([wait, ofProvider]);
    expect(ended(someAssignment({ failedTries: 3, state: 'failed' }))).toEqual([wait, ofProvider]);
    expect(ended(someAssignment({ failedTries: 1 }))).toEqual([]);
    expect(ended(someAssignment({ failedTries: 1, specialist: 'api-designer' }))).toEqual([wait]);
  });

  test('for an agent that leaves work lying goes on', () => {
    expect(endedTroubles(task, [], ['agent:nodejs-expert'])).toEqual([ofProvider]);
  });
});
