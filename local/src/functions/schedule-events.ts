// Scheduled functions: fired by the clock, or by hand.
import type { Delivered } from './delivery.ts';
import { scheduleFired } from './cloud-events.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { FunctionSpec, Trigger } from './manifest.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

export type ScheduledFunction = FunctionSpec<Extract<Trigger, { kind: 'schedule' }>>;

export interface ScheduleEvents {
  readonly names: readonly string[];
  /** Fires the schedule now and resolves to the outcome; undefined when there is no such schedule. */
  fire(name: string): Promise<Delivered> | undefined;
  stop(): void;
}

/** setTimeout takes at most 2^31 - 1 ms; later firings are looked at again after this. */
const longestTimerMs = 24 * 3_600_000;

/** Starts the clocks. Throws SuiteError when a schedule cannot be read. */
export const startScheduleEvents = (
  functions: readonly ScheduledFunction[],
  dispatcher: Dispatcher,
): ScheduleEvents => {
  const byName = new Map(functions.map((spec) => [spec.name, spec]));
  const fire = async (spec: ScheduledFunction) => {
    const { retries, minBackoffSeconds, maxBackoffSeconds } = spec.trigger;
    return dispatcher.dispatch(spec, scheduleFired(`firebase-schedule-${spec.name}-${spec.region}`, new Date()), {
      maxAttempts: retries + 1,
      minBackoffMs: minBackoffSeconds * 1000,
      maxBackoffMs: maxBackoffSeconds * 1000,
    });
  };
  const clocks = functions.map((spec) =>
    startClock(parseSchedule(spec.trigger.schedule, spec.trigger.timeZone), async () => fire(spec)),
  );
  return {
    names: [...byName.keys()],
    fire: (name) => {
      const spec = byName.get(name);
      return spec && fire(spec);
    },
    stop: () => {
      for (const stop of clocks) stop();
    },
  };
};

/** Like Cloud Scheduler, leaves a firing out while the one before it still runs. */
const startClock = ({ next }: Schedule, fire: () => Promise<unknown>): (() => void) => {
  let running = false;
  let timer: NodeJS.Timeout;
  const run = async () => {
    if (running) return;
    running = true;
    // A rejection means that the host stops.
    await fire().catch(() => undefined);
    running = false;
  };
  const arm = (due: Date) => {
    const waitMs = due.getTime() - Date.now();
    timer = setTimeout(
      () => {
        if (Date.now() < due.getTime()) return arm(due);
        void run();
        arm(next(new Date()));
      },
      Math.max(0, Math.min(waitMs, longestTimerMs)),
    );
    timer.unref();
  };
  arm(next(new Date()));
  return () => clearTimeout(timer);
};
