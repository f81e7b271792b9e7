// How an external agent is doing, by what it did: it is seen when it asks for work, renews a lease, delivers or gives work back, and
// fails when it cannot be reached or lets a lease run out. Its failures are over once it looks after what it holds; to ask for work,
// or to accept it, is not that. Pure.
import type { AgentHealth } from './schemas.ts';

/** One failure is bad luck. */
const failuresOfFailing = 3;

export const healthStates = ['unknown', 'healthy', 'failing'] as const;
export type HealthState = (typeof healthStates)[number];

export const healthState = ({
  lastSeenAt,
  consecutiveFailures,
}: Pick<AgentHealth, 'lastSeenAt' | 'consecutiveFailures'>): HealthState => {
  if (consecutiveFailures >= failuresOfFailing) return 'failing';
  return lastSeenAt ? 'healthy' : 'unknown';
};
