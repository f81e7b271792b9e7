// What a task may cost, and what was spent of it. Pure.
import type { LlmCall } from '../llm/index.ts';
import type { Submission } from './schemas.ts';

/** What the task may cost by its own submission, in nano-USD; null: it says nothing. */
export const budgetOf = ({ budgetNanoUsd }: Pick<Submission, 'budgetNanoUsd'>): bigint | null =>
  budgetNanoUsd === undefined ? null : BigInt(budgetNanoUsd);

/** What calls cost in nano-USD, as far as it is known. */
export const spentOn = (calls: readonly LlmCall[]): bigint =>
  calls.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0n), 0n);

/** What calls of unknown outcome may have cost at most, on top of what is known. */
export const worstCaseOn = (calls: readonly LlmCall[]): bigint =>
  calls.reduce(
    (sum, { costNanoUsd, worstCaseNanoUsd = 0n }) => sum + (costNanoUsd === null ? worstCaseNanoUsd : 0n),
    0n,
  );

/**
 * Did the calls cost all that may be spent, so that no other is started? A budget of nothing is spent from the start. A call whose outcome
 * nobody knows counts at its worst case; `lostNanoUsd` is that of calls which left no record, as their run died.
 */
export const isSpent = (budgetNanoUsd: bigint | null, calls: readonly LlmCall[], lostNanoUsd = 0n): boolean =>
  budgetNanoUsd !== null && spentOn(calls) + worstCaseOn(calls) + lostNanoUsd >= budgetNanoUsd;
