// A number of equal instances and their work.
//
//   P1  A dead instance is replaced at once; one that keeps dying young, after a growing pause (slot.ts).
//   P2  What one instance does or suffers leaves the others alone.
//   P3  A retired pool takes no more work and lets its instances finish what they have.
import { setTimeout as pause } from 'node:timers/promises';
import type { Instance, Launch } from './instance.ts';
import { openSlot } from './slot.ts';

export interface Pool {
  readonly functions: readonly string[];
  /** Instances that are ready to serve. */
  live(): readonly Instance[];
  /** Resolves when `count` instances are ready. */
  whenLive(count: number): Promise<void>;
  /** Does `work` on the least busy instance, waiting while none is alive. Rejects when the signal fires or the pool closes first. */
  use<T>(work: (instance: Instance) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Ends the instances when they have finished, or after 10 s. */
  retire(): Promise<void>;
  /** Ends the instances at once. */
  stop(): Promise<void>;
}

export interface PoolOptions {
  readonly launch: Launch;
  readonly size: number;
  readonly log: (line: string) => void;
}

/** How long a retired instance may finish its requests. */
const drainMs = 10_000;

/** Starts `size` instances. Rejects with SuiteError when one cannot start. */
export const startPool = async ({ launch, size, log }: PoolOptions): Promise<Pool> => {
  const live = new Set<Instance>();
  const closed = new AbortController();
  const { changed, until } = makeCondition();
  const slots = Array.from({ length: size }, () =>
    openSlot({
      launch,
      log,
      onLive: (instance) => changed(live.add(instance)),
      onGone: (instance) => changed(live.delete(instance)),
    }),
  );
  const stop = async () => {
    closed.abort(new Error('these instances are stopped'));
    await Promise.all(slots.map(async (slot) => slot.stop()));
  };
  try {
    await Promise.all(slots.map(async ({ firstReady }) => firstReady));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    functions: launch.functions,
    live: () => [...live],
    whenLive: async (count) => until(() => live.size >= count, closed.signal),
    use: async (work, signal) => {
      if (live.size === 0) await until(() => live.size > 0, AbortSignal.any([signal, closed.signal]));
      const instance = leastBusy(live);
      rotate(live, instance);
      instance.inFlight += 1;
      try {
        return await work(instance);
      } finally {
        instance.inFlight -= 1;
        if (!live.has(instance)) changed();
      }
    },
    retire: async () => {
      const leaving = slots.flatMap((slot) => slot.detach() ?? []);
      const drained = until(() => leaving.every(({ inFlight }) => inFlight === 0));
      await Promise.race([drained, pause(drainMs, undefined, { ref: false })]);
      await stop();
    },
    stop,
  };
};

/** Promises that resolve once a condition holds, checked again whenever `changed` is called. */
const makeCondition = () => {
  const checks = new Set<() => void>();
  return {
    changed: (_what?: unknown) => {
      for (const check of [...checks]) check();
    },
    until: async (condition: () => boolean, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const settle = (how: () => void) => {
          checks.delete(check);
          signal?.removeEventListener('abort', abort);
          how();
        };
        const check = () => condition() && settle(resolve);
        const abort = () => settle(() => reject(signal?.reason as Error));
        checks.add(check);
        signal?.addEventListener('abort', abort);
        if (signal?.aborted) abort();
        else check();
      }),
  };
};

const leastBusy = (instances: ReadonlySet<Instance>): Instance =>
  [...instances].reduce((best, instance) => (instance.inFlight < best.inFlight ? instance : best));

// Equally busy instances take turns: the one that is used goes to the end.
const rotate = (instances: Set<Instance>, instance: Instance) => {
  instances.delete(instance);
  instances.add(instance);
};
