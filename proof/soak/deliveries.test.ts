import { describe, expect, test } from '@jest/globals';
import type { Delivered } from '../../local/src/functions/delivery.ts';
import type { FunctionEvent } from '../../local/src/functions/dispatcher.ts';
import { disturbedDeliveries } from './deliveries.ts';

const body = (attributes: object) => Buffer.from(JSON.stringify({ message: { attributes } }));
const message: FunctionEvent = {
  functionName: 'runHigh',
  headers: { 'content-type': 'application/json' },
  body: body({ org: 'o', task: 't', assignment: 'a' }),
};
const created: FunctionEvent = {
  functionName: 'planTask',
  headers: { 'ce-document': 'orgs/o/tasks/t' },
  body: body({}),
};
const tally = { failures: 0, interruptions: 0 };
const succeeded: Delivered = { outcome: 'succeeded', tally };
const givenUp: Delivered = { outcome: 'given-up', tally, reason: 'HTTP 500' };

const deliver = async (
  hooks: ReturnType<typeof disturbedDeliveries>['hooks'],
  event: FunctionEvent,
  how: Delivered,
) => {
  let times = 0;
  await hooks.around?.(event, async () => {
    times += 1;
    return Promise.resolve(how);
  });
  return times;
};

describe('what died with a process', () => {
  test('is told by the event that it handled: an assignment, or the task itself', () => {
    const { hooks, interruptions } = disturbedDeliveries(1, () => 1_000);
    hooks.onInterrupted?.(message);
    hooks.onInterrupted?.(created);
    expect(interruptions()).toEqual([
      { killedAt: 1_000, org: 'o', task: 't', stream: 'a' },
      { killedAt: 1_000, org: 'o', task: 't', stream: 'task' },
    ]);
  });

  test('counts once a kill, however many of its events were handled', () => {
    let killedAt = 1_000;
    const { hooks, interruptions } = disturbedDeliveries(1, () => killedAt);
    hooks.onInterrupted?.(message);
    hooks.onInterrupted?.(message);
    killedAt = 2_000;
    hooks.onInterrupted?.(message);
    expect(interruptions().map((each) => each.killedAt)).toEqual([1_000, 2_000]);
  });

  test('is nothing before the first kill, and nothing for an event about no task', () => {
    const before = disturbedDeliveries(1, () => undefined);
    before.hooks.onInterrupted?.(message);
    expect(before.interruptions()).toEqual([]);
    const { hooks, interruptions } = disturbedDeliveries(1, () => 1_000);
    hooks.onInterrupted?.({ ...message, body: body({}) });
    expect(interruptions()).toEqual([]);
  });
});

describe('an event', () => {
  test('is delivered once or twice, never not at all, and every disturbance is counted', async () => {
    const { hooks, counts } = disturbedDeliveries(1, () => undefined);
    const times = await Promise.all(Array.from({ length: 60 }, () => deliver(hooks, message, succeeded)));
    expect(new Set(times)).toEqual(new Set([1, 2]));
    const { 'delivery-repeated-later': later = 0, 'delivery-repeated-at-once': atOnce = 0 } = counts();
    expect(later + atOnce).toBe(times.filter((each) => each === 2).length);
    expect(counts()['delivery-delayed']).toBeGreaterThan(0);
    expect(counts()['delivery-reordered']).toBeGreaterThan(0);
  });

  test('that was given up is lost, except a schedule, which fires again', async () => {
    const lost = disturbedDeliveries(1, () => undefined);
    await deliver(lost.hooks, message, givenUp);
    await deliver(lost.hooks, { ...message, headers: { 'x-cloudscheduler': 'true' } }, givenUp);
    expect(lost.givenUp()).toEqual(['runHigh: HTTP 500']);
  });
});
