// One piece of work at a time. Orgs that wait take turns; what one org has waiting makes no other org wait longer.
import { AppError } from '../platform/errors.ts';
import { artifactErrors } from './errors.ts';

export interface Turn {
  readonly org: string;
  /** Waits however many wait: for callers that are few, and have paid for what they bring. */
  readonly patient?: boolean;
}

interface Sized extends Turn {
  readonly size: number;
}

interface Waiting {
  readonly size: number;
  readonly begin: () => Promise<void>;
}

/** In pieces of work and in UTF-16 units of text, which is kept in memory meanwhile; an org may have half of each. */
const maxWaiting = 200;
const maxWaitingSize = 16_000_000;

/** Runs work when its turn comes. Rejects with `artifacts.checks_busy` when too much waits. */
export const fairTurns = () => {
  // The first org is the next; one that has had its turn goes to the end.
  const queues = new Map<string, Waiting[]>();
  let busy = false;

  const isFull = ({ org, size }: Sized): boolean => {
    const all = [...queues.values()].flat();
    return isBeyond(all, size, 1) || isBeyond(queues.get(org) ?? [], size, 2);
  };

  const next = async (): Promise<void> => {
    const [first] = queues;
    if (busy || !first) return;
    const [org, queue] = first;
    const work = queue.shift();
    queues.delete(org);
    if (queue.length > 0) queues.set(org, queue);
    busy = true;
    await work?.begin();
    busy = false;
    void next();
  };

  return <T>(turn: Sized, run: () => Promise<T>): Promise<T> => {
    if (!turn.patient && isFull(turn)) return Promise.reject(new AppError(artifactErrors.checksBusy));
    const { promise, resolve } = Promise.withResolvers<T>();
    const begin = () => {
      const outcome = run();
      resolve(outcome);
      return outcome.then(ignore, ignore);
    };
    queues.set(turn.org, [...(queues.get(turn.org) ?? []), { size: turn.size, begin }]);
    void next();
    return promise;
  };
};

const ignore = () => undefined;

const isBeyond = (waiting: readonly Waiting[], size: number, share: number): boolean =>
  waiting.length >= maxWaiting / share || waiting.reduce((sum, each) => sum + each.size, size) > maxWaitingSize / share;
