// Scenarios are independent of each other, so several processes sweep them, each the next one that is left.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { SweepResult } from './sweep.ts';
import type { Order } from './worker.ts';

export interface WorkersOptions {
  readonly workers: number;
  /** Called for each scenario as soon as it is swept. */
  readonly onSwept: (result: SweepResult) => Promise<void>;
}

/** Rejects when a worker ends before its work is done. */
export const sweepAll = async (orders: readonly Order[], { workers, onSwept }: WorkersOptions): Promise<void> => {
  const pending = [...orders];
  const work = async () => {
    const child = fork(path.join(import.meta.dirname, 'worker.ts'));
    const exited = once(child, 'exit');
    try {
      for (let order = pending.shift(); order; order = pending.shift()) await onSwept(await told(child, order));
    } finally {
      child.disconnect();
    }
    await exited;
  };
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, work));
};

const told = async (child: ChildProcess, order: Order): Promise<SweepResult> => {
  const ended = new AbortController();
  const { signal } = ended;
  child.send(order);
  const answer = once(child, 'message', { signal });
  const exit = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`The worker ended with code ${String(code)} during ${order.scenario}.`);
  });
  try {
    const [result] = (await Promise.race([answer, exit])) as [SweepResult];
    return result;
  } finally {
    ended.abort();
    await Promise.allSettled([answer, exit]);
  }
};
