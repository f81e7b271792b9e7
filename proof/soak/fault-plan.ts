// Which faults a soak plays and when: all of it follows from the seed. A strike at a process is bound to the soak's progress, not to
// the clock, so that a slow machine gets the same faults as a fast one.
import type { FaultRule } from '../../local/src/llm/index.ts';
import { integerBetween, seededRandom, seedOf, sha256, type Random } from '../../local/src/llm/random.ts';

/** Every way in which a soak disturbs the service. A run that did not reach each of them proves nothing about it. */
export const faultKinds = [
  'process-killed',
  'process-stopped',
  'late-result-refused',
  'delivery-repeated-later',
  'delivery-repeated-at-once',
  'delivery-delayed',
  'delivery-reordered',
  'clock-skewed',
  'commit-reply-lost',
  'commit-not-made',
  'publish-reply-lost',
  'read-failed',
  'provider-rate-limited',
  'provider-overloaded',
  'provider-timeout',
  'provider-reset',
  'provider-cut-off',
  'provider-malformed',
  'provider-invalid-output',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type FaultCounts = Readonly<Partial<Record<FaultKind, number>>>;

export const randomFor = (seed: number, what: string): Random => seededRandom(seedOf(sha256(`${what} ${seed}`)));

export interface Strike {
  readonly kind: 'kill' | 'stop';
  /** It falls as soon as so many tasks are over. */
  readonly afterTasks: number;
  /** Which of the living processes, from 0 to 1. */
  readonly victim: number;
}

export interface StrikePlan {
  readonly seed: number;
  readonly tasks: number;
  readonly kills: number;
  readonly stops: number;
}

/** Kills and stops, spread over the tasks, in order. */
export const strikesOf = ({ seed, tasks, kills, stops }: StrikePlan): Strike[] =>
  [...spread('kill', kills, { seed, tasks }), ...spread('stop', stops, { seed, tasks })].sort(
    (a, b) => a.afterTasks - b.afterTasks,
  );

const spread = (kind: Strike['kind'], count: number, { seed, tasks }: { seed: number; tasks: number }): Strike[] => {
  const random = randomFor(seed, kind);
  return Array.from({ length: count }, (_, index) => ({
    kind,
    afterTasks: Math.floor(((index + random()) / count) * tasks * struckShare),
    victim: random(),
  }));
};

/** The last tasks are left alone: a strike after the last one would hit nothing. */
const struckShare = 0.95;

/** How a process of the functions misbehaves; `start` counts the processes in the order in which they began. */
export interface ProcessFaults {
  readonly skewMs: number;
  /** Chances, each from 0 to 1, for one crossing to the outside. */
  readonly commitReplyLost: number;
  readonly commitNotMade: number;
  readonly publishReplyLost: number;
  readonly readFailed: number;
  readonly random: Random;
}

const skewedShare = 0.34;
const longestSkewSeconds = 180;

export const processFaults = (seed: number, start: number): ProcessFaults => {
  const random = randomFor(seed, `process ${start}`);
  const skewed = random() < skewedShare;
  const skewSeconds = integerBetween(random, -longestSkewSeconds, longestSkewSeconds);
  return {
    skewMs: skewed ? skewSeconds * 1_000 : 0,
    commitReplyLost: 0.02,
    commitNotMade: 0.01,
    publishReplyLost: 0.03,
    readFailed: 0.01,
    random,
  };
};

/** How one event reaches its function. */
export interface Delivery {
  readonly delayMs: number;
  readonly repeat: 'never' | 'later' | 'at-once';
  readonly repeatAfterMs: number;
}

export const deliveryOf = (random: Random): Delivery => {
  const repeated = random();
  return {
    delayMs: random() < 0.1 ? integerBetween(random, 50, 1_500) : 0,
    repeat: repeated < 0.06 ? 'later' : repeated < 0.1 ? 'at-once' : 'never',
    repeatAfterMs: integerBetween(random, 0, 3_000),
  };
};

const provider: readonly (readonly [FaultKind, FaultRule['fault'], number])[] = [
  ['provider-rate-limited', { kind: '429', retryAfterSeconds: 1 }, 0.02],
  ['provider-overloaded', { kind: '529' }, 0.02],
  ['provider-timeout', { kind: 'hang' }, 0.008],
  ['provider-timeout', { kind: 'stall' }, 0.008],
  ['provider-reset', { kind: 'reset' }, 0.015],
  ['provider-cut-off', { kind: 'cut' }, 0.015],
  ['provider-malformed', { kind: 'malformed-chunk' }, 0.015],
  // Three in a row fail an assignment, which no plan expects.
  ['provider-invalid-output', { kind: 'garbage' }, 0.004],
  ['provider-invalid-output', { kind: 'half-json' }, 0.004],
];

/** Rules for the stand-in of the providers. The order is that of `providerFaultHits`. */
export const providerRules = (seed: number): FaultRule[] =>
  provider.map(([, fault, probability], index) => ({ fault, probability, seed: seedOf(sha256(`${seed} ${index}`)) }));

/** The hits of those rules, by kind. */
export const providerFaultHits = (hits: readonly number[]): FaultCounts => {
  const counts: Partial<Record<FaultKind, number>> = {};
  provider.forEach(([kind], index) => {
    counts[kind] = (counts[kind] ?? 0) + (hits[index] ?? 0);
  });
  return counts;
};

export const notReached = (counts: FaultCounts): FaultKind[] => faultKinds.filter((kind) => !counts[kind]);
