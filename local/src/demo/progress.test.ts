import { describe, expect, test } from '@jest/globals';
import type { WatchedEvent } from './events.ts';
import { elapsedMs, isPlanKnown } from './progress.ts';
import {
  after,
  analysed,
  created,
  eventAt,
  extendedBy,
  planned,
  rejected,
  started,
  submitted,
  succeeded,
} from './test-story.ts';

const plan = [
  submitted,
  analysed,
  planned('a', 'b'),
  created('a', 'api-designer'),
  created('b', 'nodejs-expert', ['a']),
];

describe('progress', () => {
  test('adds up what every event spent, and takes over the final sum', () => {
    const soFar = after(...plan, started('a', 200), rejected('a', 300, 1), succeeded('a', 400));
    expect(soFar.spend).toEqual({ llmCalls: 3, unknownCalls: 0, tokens: 360, costNanoUsd: 7_500_000n });

    const spend = { llmCalls: 4, unknownCalls: 0, tokens: 400, costNanoUsd: '9000000' };
    const done = after(...plan, succeeded('a', 400), eventAt(500, 'task', 'task.completed', { spend }));
    expect(done.spend).toEqual({ llmCalls: 4, unknownCalls: 0, tokens: 400, costNanoUsd: 9_000_000n });
  });

  test('a plan is known once each of its assignments is', () => {
    expect(isPlanKnown(after(...plan.slice(0, -1)))).toBe(false);
    expect(isPlanKnown(after(...plan))).toBe(true);
    expect(isPlanKnown(after(...plan, extendedBy('c')))).toBe(false);
    expect(isPlanKnown(after(...plan, extendedBy('c'), created('c', 'nodejs-expert')))).toBe(true);
  });

  test('the clock stops when the task is over', () => {
    const failed = eventAt(700, 'task', 'task.failed', {
      failure: { code: 'x', detail: 'no' },
      spend: { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: '0' },
    });
    const over = after(...plan, failed, eventAt(900, 'b', 'assignment.canceled', {}));
    expect({ state: over.state, ms: elapsedMs(over), b: over.steps.get('b')?.state }).toEqual({
      state: 'failed',
      ms: 700,
      b: 'canceled',
    });
  });

  test('work that asks or waits for an approval is not under way, and comes back', () => {
    const asked = eventAt(300, 'a', 'assignment.input_requested', { question: { text: 'Which region?' }, calls: [] });
    const stateAfter = (...events: WatchedEvent[]) =>
      after(...plan, started('a', 200), ...events).steps.get('a')?.state;
    expect(stateAfter(asked)).toBe('input_required');
    expect(stateAfter(asked, eventAt(400, 'a', 'assignment.input_given', {}))).toBe('ready');
    const result = { artifact: 'a', title: 'A', summary: '', metrics: {}, verdict: null, concerns: [] };
    const waiting = eventAt(300, 'a', 'assignment.approval_requested', { result, notes: {}, calls: [] });
    expect(stateAfter(waiting)).toBe('awaiting_approval');
  });

  test('a later note on the same field replaces the earlier one', () => {
    const { notes } = after(
      ...plan,
      succeeded('a', 400, { notes: { service: 'first', slas: '200 ms' } }),
      succeeded('b', 500, { notes: { service: 'second' } }),
    );
    expect(notes).toEqual({ service: 'second', slas: '200 ms' });
  });
});
