import type { Assignment } from './schemas.ts';

/** The assignments whose work counts: no rework and no later round replaces it. */
export const standing = <A extends Pick<Assignment, 'id' | 'supersedes'>>(assignments: readonly A[]): A[] => {
  const replaced = new Set(assignments.map(({ supersedes }) => supersedes));
  return assignments.filter(({ id }) => !replaced.has(id));
};
