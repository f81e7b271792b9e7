// Takes events of any source to their function: which instance, how many at a time, how often.
import { deliver, type Attempt, type Delivered, type RetryPolicy } from './delivery.ts';
import { makeGate, type Gate } from './gate.ts';
import { invoke, type EventRequest } from './invoke.ts';
import type { FunctionSpec } from './manifest.ts';
import type { Pool } from './pool.ts';

export interface Dispatcher {
  /** Resolves when the event is delivered or given up; rejects when the host stops. Events of one function never wait for another's. */
  dispatch(spec: FunctionSpec, event: EventRequest, policy: RetryPolicy): Promise<Delivered>;
}

export interface FunctionEvent extends EventRequest {
  readonly functionName: string;
}

/** For tests of what production may do to events: late, twice and out of order are within its promise; another content is not. */
export interface DeliveryHooks {
  /** Stands around the delivery of each event: may wait before it, and may deliver again. */
  readonly around?: (event: FunctionEvent, deliverOnce: () => Promise<Delivered>) => Promise<Delivered>;
  /** Told of each event whose instance died before it answered. */
  readonly onInterrupted?: (event: FunctionEvent) => void;
}

export interface DispatcherOptions {
  /** The instances that serve a function; undefined when it is not served (any more). */
  readonly poolOf: (functionName: string) => Pool | undefined;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  readonly hooks?: DeliveryHooks | undefined;
}

export const makeDispatcher = ({ poolOf, log, signal, hooks = {} }: DispatcherOptions): Dispatcher => {
  const gates = new Map<string, Gate>();
  const gateOf = ({ name, concurrency, maxInstances }: FunctionSpec): Gate => {
    const gate =
      gates.get(name) ??
      makeGate(() => concurrency * Math.min(maxInstances, Math.max(1, poolOf(name)?.live().length ?? 0)));
    gates.set(name, gate);
    return gate;
  };
  const attempt = async (spec: FunctionSpec, event: EventRequest): Promise<Attempt> => {
    const pool = poolOf(spec.name);
    if (!pool) return { outcome: 'failed', reason: 'the function is gone' };
    try {
      const made = await pool.use(async (instance) => invoke(instance, spec, event), signal);
      if (made.outcome === 'interrupted') hooks.onInterrupted?.({ functionName: spec.name, ...event });
      return made;
    } catch (error) {
      signal.throwIfAborted();
      // The pool was replaced while the event waited for an instance.
      return { outcome: 'interrupted', reason: String(error) };
    }
  };
  const deliverOnce = async (spec: FunctionSpec, event: EventRequest, policy: RetryPolicy): Promise<Delivered> => {
    const delivered = await deliver(async () => gateOf(spec).pass(async () => attempt(spec, event)), policy, signal);
    if (delivered.outcome === 'given-up')
      log(`${spec.name} failed ${times(delivered.tally.failures)}: ${delivered.reason}`);
    return delivered;
  };
  return {
    dispatch: async (spec, event, policy) => {
      const once = async () => deliverOnce(spec, event, policy);
      return hooks.around ? hooks.around({ functionName: spec.name, ...event }, once) : once();
    },
  };
};

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
