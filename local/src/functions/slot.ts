// A place that always holds one instance: starts it, and another one whenever it dies.
import { setTimeout as pause } from 'node:timers/promises';
import { SuiteError } from '../errors.ts';
import { startInstance, type Instance, type Launch, type StartedInstance } from './instance.ts';

export interface SlotOptions {
  readonly launch: Launch;
  readonly log: (line: string) => void;
  readonly onLive: (instance: Instance) => void;
  /** Called when the instance died or gets no more work. */
  readonly onGone: (instance: Instance) => void;
}

export interface Slot {
  /** Rejects with SuiteError when the first instance ends before it can serve; the slot then stays empty. */
  readonly firstReady: Promise<void>;
  /** Process of the slot, ready or not. */
  pid(): number | undefined;
  /** Takes the live instance out of work, still running; nothing follows it. */
  detach(): Instance | undefined;
  stop(): Promise<void>;
}

/** An instance that lived shorter than this died young: starting it again at once would only burn the processor. */
const youngMs = 2_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** How long an instance may take to end by itself. */
const graceMs = 2_000;

/** Pause before an instance is started again, by how many of its predecessors in a row died young. */
export const restartPauseMs = (youngDeaths: number): number =>
  youngDeaths <= 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (youngDeaths - 2));

export const openSlot = ({ launch, log, onLive, onGone }: SlotOptions): Slot => {
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  const first = Promise.withResolvers<undefined>();
  let process: StartedInstance | undefined;
  let live: Instance | undefined;

  const leave = () => {
    const instance = live;
    live = undefined;
    if (instance) onGone(instance);
    return instance;
  };

  /** Resolves when the instance has ended, to how and how long it had served. */
  const run = async (started: StartedInstance) => {
    const instance = await started.ready;
    const since = Date.now();
    if (instance && !stopped()) {
      live = instance;
      onLive(instance);
    }
    if (instance) first.resolve(undefined);
    const how = await started.exited;
    leave();
    return { how, served: instance !== undefined, servedMs: Date.now() - since };
  };

  const keepAlive = async () => {
    let youngDeaths = 0;
    for (let starts = 1; !stopped(); starts += 1) {
      process = startInstance(launch, log);
      const { how, served, servedMs } = await run(process);
      const { pid } = process;
      process = undefined;
      if (starts === 1 && !served) {
        first.reject(new SuiteError(`${nameOf(launch)} ended while starting (${how}).`, 'See its output above.'));
        return;
      }
      if (stopped()) return;
      youngDeaths = served && servedMs >= youngMs ? 0 : youngDeaths + 1;
      log(`instance ${pid} of ${nameOf(launch)} died (${how}); starting another`);
      await pause(restartPauseMs(youngDeaths), undefined, { signal: stopping.signal, ref: false }).catch(
        () => undefined,
      );
    }
  };

  const running = keepAlive();
  return {
    firstReady: first.promise,
    pid: () => process?.pid,
    detach: () => {
      stopping.abort();
      return leave();
    },
    stop: async () => {
      stopping.abort();
      leave();
      await endOf(process);
      await running;
    },
  };
};

const endOf = async (process: StartedInstance | undefined) => {
  if (!process) return;
  process.kill('SIGTERM');
  const timer = setTimeout(() => process.kill('SIGKILL'), graceMs);
  await process.exited;
  clearTimeout(timer);
};

const nameOf = ({ functions: [first = '', ...others] }: Launch) =>
  others.length === 0 ? first : `${first} and ${others.length} more functions`;
