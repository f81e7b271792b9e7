// How many event streams may be open. Each holds one of the requests that an instance takes at a time; kept in memory, so it holds per
// instance.
import { AppError } from '../errors.ts';
import { httpErrors } from './errors.ts';

export interface StreamLimits {
  readonly perCaller: number;
  /** Fewer than an instance takes requests, so that streams leave room for others. */
  readonly perInstance: number;
}

/** Frees the slot; calling it again does nothing. */
export type Release = () => void;

const retryAfterSeconds = 10;

/** Hands out slots to callers; throws http.too_many_streams when a caller or all together have as many as they may. */
export const makeStreamSlots = ({ perCaller, perInstance }: StreamLimits): ((caller: string) => Release) => {
  const open = new Map<string, Set<symbol>>();
  let total = 0;
  const requireSlot = (own: number) => {
    if (own >= perCaller) throw tooMany(`At most ${perCaller} of one caller.`);
    if (total >= perInstance) throw tooMany(`At most ${perInstance} of all callers.`);
  };
  return (caller) => {
    const own = open.get(caller) ?? new Set();
    requireSlot(own.size);
    const slot = Symbol(caller);
    open.set(caller, own.add(slot));
    total += 1;
    return () => {
      if (!own.delete(slot)) return;
      total -= 1;
      if (own.size === 0 && open.get(caller) === own) open.delete(caller);
    };
  };
};

const tooMany = (detail: string) => new AppError(httpErrors.tooManyStreams, { detail, retryAfterSeconds });
