// Everything random here follows from a hash of the request: the same request gets the same answer, on any machine.
import { hash } from 'node:crypto';

/** Numbers in [0, 1). */
export type Random = () => number;

export const sha256 = (data: string | Buffer): string => hash('sha256', data, 'hex');

/** The first 32 bits of a hex hash. */
export const seedOf = (hexHash: string): number => Number.parseInt(hexHash.slice(0, 8), 16);

/** The same numbers for the same 32-bit seed (a Weyl sequence, scrambled by multiplications). */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
};

/** An integer between both bounds, inclusive. */
export const integerBetween = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** One of the items. Throws when there is none. */
export const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
};
