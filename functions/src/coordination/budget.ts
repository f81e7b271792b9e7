import type { Submission } from './schemas.ts';

/** What the task may cost by its own submission, in nano-USD; null: it says nothing. */
export const budgetOf = ({ budgetNanoUsd }: Pick<Submission, 'budgetNanoUsd'>): bigint | null =>
  budgetNanoUsd === undefined ? null : BigInt(budgetNanoUsd);
