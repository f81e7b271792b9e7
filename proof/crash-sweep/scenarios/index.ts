import type { Scenario } from './scenario.ts';
import { withAgents } from './agents.ts';
import { withPeople } from './people.ts';
import { work } from './work.ts';

export type { Scenario } from './scenario.ts';

/** All that the sweep runs. */
export const scenarios: readonly Scenario[] = [...work, ...withPeople, ...withAgents];
