// The upward report: the specification's fields, with values computed from what happened. Pure.
import type { GateVerdict, OrgPolicy } from '../governance/schemas.ts';
import type { LlmCall } from '../llm/index.ts';
import { hasOpenCall } from './assignment-state.ts';
import { budgetOf, spentOn, worstCaseOn } from './budget.ts';
import {
  maxAssignments,
  type Assignment,
  type Failure,
  type Report,
  type Savings,
  type Spend,
  type Task,
} from './schemas.ts';
import { standing } from './standing.ts';
import { hasOpenAnalysis } from './task-state.ts';

export type Ending =
  { readonly state: 'completed' | 'canceled' } | { readonly state: 'failed' | 'rejected'; readonly failure: Failure };

export const spendOf = (task: Task, assignments: readonly Assignment[]): Spend => {
  const calls = callsOf(task, assignments);
  return {
    llmCalls: calls.length,
    unknownCalls:
      calls.filter(({ outcome, worstCaseNanoUsd }) => outcome === 'unknown' || worstCaseNanoUsd !== undefined).length +
      task.lostCalls +
      (hasOpenAnalysis(task) ? 1 : 0) +
      assignments.reduce((sum, each) => sum + each.lostCalls + (hasOpenCall(each) ? 1 : 0), 0),
    tokens: calls.reduce((sum, { usage }) => sum + Object.values(usage ?? {}).reduce((a, b) => a + b, 0), 0),
    costNanoUsd: spentOn(calls),
    worstCaseNanoUsd: worstCaseOn(calls),
  };
};

/** Every call on record: of the analysis, and of the work. */
export const callsOf = (task: Task, assignments: readonly Assignment[]): LlmCall[] => [
  ...task.calls,
  ...assignments.flatMap(({ calls }) => calls),
];

/** What a task that ends now comes to, or how one under way stands. */
export interface Outcome {
  readonly ending: Ending | { readonly state: 'update' };
  readonly gates: readonly GateVerdict[];
}

/** The report of a task as it ends, or as it stands. */
export const reportOn = (
  task: Task,
  assignments: readonly Assignment[],
  { ending, gates }: Outcome,
  at: Date,
): Report => {
  const spend = spendOf(task, assignments);
  return {
    agent: 'backend-coordinator',
    status: ending.state,
    summary: summaryOf(task, assignments, ending),
    metrics: {
      api_endpoints: sum(metricsNamed(assignments, 'endpoints')),
      // Nothing that the team makes is deployed yet, so nothing of it can be measured.
      avg_response_time: notMeasured,
      security_score: securityScore(gates, assignments),
      cost_projection: monthlyCost(assignments),
    },
    concerns: concernsOf(assignments, gates, { ending, trouble: [...troublesIn(task), ...unknownSpendIn(spend)] }),
    org: task.org,
    task: task.id,
    gates: [...gates],
    spend,
    saved: ending.state === 'completed' || ending.state === 'update' ? null : savingsOf(assignments),
    createdAt: at,
  };
};

const summaryOf = (task: Task, assignments: readonly Assignment[], ending: Outcome['ending']): string => {
  const done = assignments.filter(({ state }) => state === 'succeeded').length;
  const share = `${done} of ${assignments.length} assignments`;
  const { title } = task.submission;
  if ('failure' in ending) return `${title}: ${ending.state} after ${share}: ${ending.failure.detail}`;
  if (ending.state === 'update') return `${title}: ${task.state}, ${share} done`;
  return ending.state === 'completed' ? `${title}: ready, ${share} done` : `${title}: cancelled after ${share}`;
};

/** What the detectors ask of a task. */
export const factsOf = (task: Task, assignments: readonly Assignment[], policy: Pick<OrgPolicy, 'budget'>) => ({
  org: task.org,
  task: task.id,
  spentNanoUsd: spentOn(callsOf(task, assignments)) + worstCaseOn(callsOf(task, assignments)),
  succeeded: assignments.filter(({ state }) => state === 'succeeded').length,
  planned: assignments.length,
  maxPlanned: maxAssignments,
  budgetNanoUsd: budgetOf(task.submission),
  policy,
});

const savingsOf = (assignments: readonly Assignment[]): Savings => {
  const finished = assignments.filter(({ state }) => state === 'succeeded');
  const stopped = assignments.filter(({ state }) => state === 'running').length;
  const open = assignments.filter(({ finishedAt, startedAt }) => finishedAt === null && startedAt === null).length;
  const cost = spentOn(finished.flatMap(({ calls }) => calls));
  return {
    assignmentsStopped: stopped,
    assignmentsNotStarted: open,
    estimatedNanoUsd: finished.length === 0 ? null : (cost / BigInt(finished.length)) * BigInt(stopped + open),
  };
};

const metricsNamed = (assignments: readonly Assignment[], name: string): number[] =>
  standing(assignments).flatMap(({ result }) => result?.metrics[name] ?? []);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** In the place of a figure that nothing says. */
export const notMeasured = 'n/a';

/** A+ for a passed review without any concern, A with concerns, F for a failed one. */
const securityScore = (gates: readonly GateVerdict[], assignments: readonly Assignment[]): string => {
  const gate = gates.find(({ gate }) => gate === 'security');
  if (!gate || gate.status === 'no_evidence' || gate.status === 'waived') return 'n/a';
  if (gate.status === 'failed') return 'F';
  const reviews = assignments.filter(({ id }) => gate.evidence.some(({ ref }) => ref === id));
  return reviews.some(({ result }) => (result?.concerns.length ?? 0) > 0) ? 'A' : 'A+';
};

const monthlyCost = (assignments: readonly Assignment[]): string => {
  const costs = metricsNamed(assignments, 'estimatedMonthlyCostUsd');
  return costs.length === 0 ? notMeasured : perMonth(sum(costs));
};

export const perMonth = (usd: number): string => `$${usd.toFixed(2)}/month`;

const maxConcerns = 20;

/** Who keeps the work from going on. */
const troublesIn = ({ waits }: Task): string[] =>
  waits
    .filter(({ kind }) => kind === 'provider' || kind === 'agent')
    .map(({ party, reason }) => `Waits for ${party}: ${reason}`);

const unknownSpendIn = ({ unknownCalls, worstCaseNanoUsd }: Spend): string[] =>
  worstCaseNanoUsd === 0n
    ? []
    : [
        `The outcome of ${unknownCalls} model calls is unknown; they may have cost up to ${dollars(worstCaseNanoUsd)} more.`,
      ];

const dollars = (nanoUsd: bigint): string => `$${(Number(nanoUsd) / 1e9).toFixed(2)}`;

const concernsOf = (
  assignments: readonly Assignment[],
  gates: readonly GateVerdict[],
  { ending, trouble }: Pick<Outcome, 'ending'> & { readonly trouble: readonly string[] },
): string[] => {
  const open = gates.filter(({ status }) => status === 'no_evidence').map(({ title }) => `No evidence yet: ${title}`);
  const failed = gates.filter(({ status }) => status === 'failed').map(({ title }) => `Gate failed: ${title}`);
  // What was reworked or reviewed again since has been answered.
  const raised = standing(assignments).flatMap(({ result }) => result?.concerns ?? []);
  const why = 'failure' in ending ? [ending.failure.detail] : [];
  return [...new Set([...why, ...trouble, ...failed, ...raised, ...open])].slice(0, maxConcerns);
};
