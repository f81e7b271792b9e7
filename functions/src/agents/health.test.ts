import { expect, test } from '@jest/globals';
import { healthState } from './health.ts';

const seen = new Date(0);

test.each([
  { lastSeenAt: null, consecutiveFailures: 0, state: 'unknown' },
  { lastSeenAt: null, consecutiveFailures: 2, state: 'unknown' },
  { lastSeenAt: seen, consecutiveFailures: 0, state: 'healthy' },
  { lastSeenAt: seen, consecutiveFailures: 2, state: 'healthy' },
  { lastSeenAt: seen, consecutiveFailures: 3, state: 'failing' },
  { lastSeenAt: null, consecutiveFailures: 3, state: 'failing' },
])('an agent last seen at $lastSeenAt with $consecutiveFailures failures since is $state', ({ state, ...health }) => {
  expect(healthState(health)).toBe(state);
});
