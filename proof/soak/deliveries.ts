// What the soak does to events on their way, within what Pub/Sub and Eventarc promise: at least once, at any time, in any order.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Delivered } from '../../local/src/functions/delivery.ts';
import type { DeliveryHooks, FunctionEvent } from '../../local/src/functions/dispatcher.ts';
import { deliveryOf, randomFor, type FaultCounts, type FaultKind } from './fault-plan.ts';
import type { Interruption } from './recovery.ts';

export interface Deliveries {
  readonly hooks: DeliveryHooks;
  readonly counts: () => FaultCounts;
  /** Events that are lost, as all their attempts failed. A schedule is not among them: it fires again. */
  readonly givenUp: () => readonly string[];
  /** Work that died with a process, each piece once a kill. */
  readonly interruptions: () => readonly Interruption[];
}

/** `killedAt` is when the latest kill happened; undefined before the first. */
export const disturbedDeliveries = (seed: number, killedAt: () => number | undefined): Deliveries => {
  const random = randomFor(seed, 'deliveries');
  const counts: Partial<Record<FaultKind, number>> = {};
  const count = (kind: FaultKind) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const interruptions = new Map<string, Interruption>();
  let arrived = 0;
  let latestDelivered = 0;

  const givenUp: string[] = [];
  const around: DeliveryHooks['around'] = async (event, deliverOnce) => {
    const delivered = await disturb(deliverOnce);
    if (delivered.outcome === 'given-up' && !('x-cloudscheduler' in event.headers)) {
      givenUp.push(`${event.functionName}: ${delivered.reason}`);
    }
    return delivered;
  };

  const disturb = async (deliverOnce: () => Promise<Delivered>): Promise<Delivered> => {
    const position = ++arrived;
    const { delayMs, repeat, repeatAfterMs } = deliveryOf(random);
    if (delayMs > 0) {
      await wait(delayMs);
      count('delivery-delayed');
    }
    if (position < latestDelivered) count('delivery-reordered');
    latestDelivered = Math.max(latestDelivered, position);
    if (repeat === 'at-once') {
      count('delivery-repeated-at-once');
      const [first] = await Promise.all([deliverOnce(), deliverOnce()]);
      return first;
    }
    const delivered = await deliverOnce();
    if (repeat === 'never') return delivered;
    await wait(repeatAfterMs);
    count('delivery-repeated-later');
    await deliverOnce();
    return delivered;
  };

  const onInterrupted: DeliveryHooks['onInterrupted'] = (event) => {
    const at = killedAt();
    const work = workOf(event);
    if (at === undefined || !work) return;
    interruptions.set(`${at} ${work.task} ${work.stream}`, { killedAt: at, ...work });
  };

  return {
    hooks: { around, onInterrupted },
    counts: () => counts,
    givenUp: () => givenUp,
    interruptions: () => [...interruptions.values()],
  };
};

/** Does not keep a suite that stops from ending. */
const wait = async (ms: number) => pause(ms, undefined, { ref: false });

const pushed = z.object({
  message: z.object({ attributes: z.object({ org: z.string(), task: z.string(), assignment: z.string() }) }),
});
const taskPath = /^orgs\/([^/]+)\/tasks\/([^/]+)$/;

/** What an event is about: an assignment's stream, or the task's own; undefined when it is neither. */
const workOf = ({ headers, body }: FunctionEvent): Omit<Interruption, 'killedAt'> | undefined => {
  const [, org, task] = taskPath.exec(headers['ce-document'] ?? '') ?? [];
  if (org !== undefined && task !== undefined) return { org, task, stream: 'task' };
  if (headers['content-type'] !== 'application/json') return undefined;
  const parsed = pushed.safeParse(JSON.parse(body.toString()));
  if (!parsed.success) return undefined;
  const { attributes } = parsed.data.message;
  return { org: attributes.org, task: attributes.task, stream: attributes.assignment };
};
