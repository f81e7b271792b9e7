// What the state of a task and its org shows that somebody above must know. Pure: the engine calls it when a task changes, and puts the
// drafts into that commit.
import type { OrgId } from '../../../platform/schemas.ts';
import type { OrgPolicy } from '../../policy/schemas.ts';
import type { EscalationDraft } from '../schemas.ts';
import { costOverruns } from './cost-overrun.ts';
import { toDraft } from './draft.ts';
import { scalabilityLimits } from './scalability-limit.ts';

export interface TaskFacts {
  readonly org: OrgId;
  readonly task: string;
  readonly spentNanoUsd: bigint;
  /** Assignments that have succeeded, and all of the plan. */
  readonly succeeded: number;
  readonly planned: number;
  readonly maxPlanned: number;
  /** What was submitted with the task; null: nothing. */
  readonly budgetNanoUsd: bigint | null;
  readonly policy: Pick<OrgPolicy, 'budget'>;
}

/** Drafts for a budget that will not do and a plan near its largest size; none when all is well. */
export const detectInTask = (facts: TaskFacts): EscalationDraft[] => {
  const { task, spentNanoUsd, succeeded, planned, maxPlanned, policy } = facts;
  const budgetNanoUsd = smaller(facts.budgetNanoUsd, policy.budget.taskNanoUsd);
  return [
    ...costOverruns([{ name: `task ${task}`, spentNanoUsd, budgetNanoUsd, done: succeeded, all: planned }]),
    ...scalabilityLimits([{ name: 'plan-size', subject: task, value: planned, limit: maxPlanned }]),
  ].map((finding) => toDraft(facts, finding));
};

/** Of two budgets that both hold; null is none. */
const smaller = (a: bigint | null, b: bigint | null): bigint | null => {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
};
