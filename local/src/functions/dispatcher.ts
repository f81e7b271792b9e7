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

export interface DispatcherOptions {
  /** The instances that serve a function; undefined when it is not served (any more). */
  readonly poolOf: (functionName: string) => Pool | undefined;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export const makeDispatcher = ({ poolOf, log, signal }: DispatcherOptions): Dispatcher => {
  const gates = new Map<string, Gate>();
  const gateOf = ({ name, concurrency, maxInstances }: FunctionSpec): Gate => {
    const gate =
      gates.get(name) ??
      makeGate(() => concurrency * Math.min(maxInstances, Math.max(1, poolOf(name)?.live().length ?? 0)));
    gates.set(name, gate);
    return gate;
  };
  return {
    dispatch: async (spec, event, policy) => {
      const attempt = async (): Promise<Attempt> => {
        const pool = poolOf(spec.name);
        if (!pool) return { outcome: 'failed', reason: 'the function is gone' };
        try {
          return await pool.use(async (instance) => invoke(instance, spec, event), signal);
        } catch (error) {
          signal.throwIfAborted();
          // The pool was replaced while the event waited for an instance.
          return { outcome: 'interrupted', reason: String(error) };
        }
      };
      const delivered = await deliver(async () => gateOf(spec).pass(attempt), policy, signal);
      if (delivered.outcome === 'given-up')
        log(`${spec.name} failed ${times(delivered.tally.failures)}: ${delivered.reason}`);
      return delivered;
    },
  };
};

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
