import { describe, expect, test } from '@jest/globals';
import { recoveryOf, type TimedEvent } from './recovery.ts';

const kill = { killedAt: 1_000, org: 'o', task: 't', stream: 'a' };

const event = (stream: string, seq: number, type: string, at: number): TimedEvent => ({ stream, seq, type, at });

const started = event('a', 2, 'assignment.started', 900);

describe('the recovery of a claim', () => {
  test('runs from the kill to the next claim of the same work', () => {
    const events = [started, event('b', 2, 'assignment.started', 1_200), event('a', 3, 'assignment.started', 4_000)];
    expect(recoveryOf(kill, events)).toEqual({ taskMs: 200, claimMs: 3_000 });
  });

  test('does not exist when another process held the work, whose result is the next event', () => {
    const events = [started, event('a', 3, 'assignment.succeeded', 1_100)];
    expect(recoveryOf(kill, events)).toEqual({ taskMs: 100, claimMs: undefined });
  });

  test('does not exist when the work was settled before the kill', () => {
    const events = [started, event('a', 3, 'assignment.released', 950), event('a', 4, 'assignment.started', 1_050)];
    expect(recoveryOf(kill, events)).toEqual({ taskMs: 50, claimMs: undefined });
  });

  test('is not shortened by a late result that is only accounted for', () => {
    const events = [
      started,
      event('a', 3, 'assignment.artifact_rejected', 950),
      event('a', 4, 'assignment.spend_recorded', 1_500),
      event('a', 5, 'assignment.started', 3_000),
    ];
    expect(recoveryOf(kill, events)).toMatchObject({ claimMs: 2_000 });
  });
});

describe('the recovery of a task', () => {
  test('is not measured when the task was over before the kill', () => {
    expect(recoveryOf(kill, [started, event('task', 5, 'task.canceled', 1_000)])).toBeUndefined();
  });

  test('has no end when nothing happened after the kill', () => {
    expect(recoveryOf(kill, [started])).toEqual({ taskMs: undefined, claimMs: undefined });
  });
});
