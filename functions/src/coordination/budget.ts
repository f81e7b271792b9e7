// What a task may cost, and what was spent of it. Pure.
import type { LlmCall } from '../llm/index.ts';
import type { Submission } from './schemas.ts';

/** What the task may cost by its own submission, in nano-USD; null: it says nothing. */
export const budgetOf = ({ budgetNanoUsd }: Pick<Submission, 'budgetNanoUsd'>): bigint | null =>
  budgetNanoUsd === undefined ? null : BigInt(budgetNanoUsd);

/** What calls cost in nano-USD, as far as it is known. */
export const spentOn = (calls: readonly LlmCall[]): bigint =>
  calls.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0n), 0n);

/** Did the calls cost all that may be spent, so that no other is started? A budget of nothing is spent from the start. */
export const isSpent = (budgetNanoUsd: bigint | null, calls: readonly LlmCall[]): boolean =>
  budgetNanoUsd !== null && spentOn(calls) >= budgetNanoUsd;
