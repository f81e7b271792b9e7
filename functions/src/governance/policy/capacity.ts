import type { OrgPolicy } from './schemas.ts';

/** How many assignments of an org may be worked on at the same time: what admits its tasks, and what its load is judged by. */
export const capacityOf = ({ limits }: Pick<OrgPolicy, 'limits'>): number =>
  limits.concurrentAssignments * limits.weight;
