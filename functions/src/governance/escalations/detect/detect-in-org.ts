// What an org as a whole shows that somebody above must know: money and load of the month, backups, providers, our own operations. Pure;
// a schedule calls it with what it has counted.
import type { LlmCall } from '../../../llm/schemas.ts';
import type { OrgId } from '../../../platform/schemas.ts';
import { capacityOf } from '../../policy/capacity.ts';
import type { OrgPolicy } from '../../policy/schemas.ts';
import type { EscalationDraft } from '../schemas.ts';
import { costOverruns, type BudgetUse } from './cost-overrun.ts';
import { backupRisk } from './data-loss-risk.ts';
import { toDraft, type Finding } from './draft.ts';
import type { Counts } from './failure-rate.ts';
import { scalabilityLimits, type Measure } from './scalability-limit.ts';
import { serviceOutages } from './service-outage.ts';
import { thirdPartyFailures } from './third-party-failure.ts';

export interface OrgFacts {
  readonly org: OrgId;
  readonly now: Date;
  readonly policy: Pick<OrgPolicy, 'budget' | 'backupMaxAgeHours' | 'limits'>;
  readonly monthSpentNanoUsd: bigint;
  readonly runningAssignments: number;
  readonly lastBackupTestAt: Date | null;
}

/**
 * Drafts for the month’s money, the age of the last tested backup, and loads near their limits; none when all is well. What stays so
 * is one occurrence a day (UTC).
 */
export const detectInOrg = (facts: OrgFacts): EscalationDraft[] => {
  const { now, policy, monthSpentNanoUsd, runningAssignments, lastBackupTestAt } = facts;
  const running: Measure = {
    name: 'running-assignments',
    subject: 'org',
    value: runningAssignments,
    limit: capacityOf(policy),
  };
  return [
    ...costOverruns([monthOf(now, monthSpentNanoUsd, policy.budget.monthlyNanoUsd)]),
    ...backupRisk({ lastTestedAt: lastBackupTestAt, backupMaxAgeHours: policy.backupMaxAgeHours, now }),
    ...scalabilityLimits([running]),
  ].map((finding) => toDraft({ org: facts.org, task: null }, ofDay(finding, now)));
};

/** A state has no occurrences of its own. Without the day, what lapsed unanswered would never be seen anew (S5 of state.ts). */
const ofDay = (finding: Finding, now: Date): Finding => ({
  ...finding,
  occurrence: `${finding.occurrence} on ${now.toISOString().slice(0, 10)}`,
});

/** The present month (UTC) as something that a budget is for. */
export const monthOf = (now: Date, spentNanoUsd: bigint, budgetNanoUsd: bigint | null): BudgetUse => {
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  const name = `month ${now.toISOString().slice(0, 7)}`;
  return { name, spentNanoUsd, budgetNanoUsd, done: now.getTime() - start, all: end - start };
};

/** Providers that fail, by the calls of a window. */
export const detectInCalls = (org: OrgId, calls: readonly LlmCall[]): EscalationDraft[] =>
  thirdPartyFailures(calls).map((finding) => toDraft({ org, task: null }, finding));

/** Operations of ours that fail, by what one instance has counted for an org. */
export const detectInOperations = (org: OrgId, counts: ReadonlyMap<string, Counts>, now: Date): EscalationDraft[] =>
  serviceOutages(counts, now).map((finding) => toDraft({ org, task: null }, finding));
