// The quality gates of a task: what was delivered, attested and waived, judged by the org's policy.
//
// Q1. Nothing of a task is published before its required gates have passed or were waived.
// Q2. Unless the org says otherwise, a plan of the caller's own must pass those of the usual gates that its work can speak to.
// Q3. Work that the team's own reviews and validators have found wanting after its bounded rework fails. What lacks evidence from outside,
//     or has failed by it, waits for newer evidence.
import {
  approvalsOfTask,
  attestationsOfOrg,
  attestationsOfTask,
  deploymentsOf,
  gatesAcceptingKind,
  gatesOfTask,
  openGates,
  policyInForce,
  type Deliverable,
  type Deployments,
} from '../governance/index.ts';
import { usualGates, type Approval, type GateId, type GateVerdict, type OrgPolicy } from '../governance/schemas.ts';
import { modelBehind } from './assignment-state.ts';
import type { Assignment, Task } from './schemas.ts';
import { standing } from './standing.ts';
import { submitterOf } from './submitter.ts';

const hourMs = 60 * 60 * 1_000;

export interface TaskGates {
  readonly verdicts: readonly GateVerdict[];
  /** Required, and neither passed nor waived. */
  readonly open: readonly GateVerdict[];
  /** Somebody was asked to let the task do without one of the open gates. */
  readonly waiverPending: boolean;
  /** Where CI says that the work runs. */
  readonly deployments: Deployments;
  readonly policy: OrgPolicy;
}

/**
 * Judges the gates by everything that is known now: two queries, and another one for waivers when a required gate is open or rests on the
 * word of a person, or when also the waivers of the others are wanted.
 */
export const gatesOf = async (
  task: Task,
  assignments: readonly Assignment[],
  { now, everyWaiver = false }: { readonly now: Date; readonly everyWaiver?: boolean },
): Promise<TaskGates> => {
  const { org, id } = task;
  const [{ policy, version }, ofTask] = await Promise.all([policyInForce(org), attestationsOfTask(org, id)]);
  const ofOrg = await attestationsOfOrg(org, new Date(now.getTime() - policy.backupMaxAgeHours * hourMs));
  const attestations = [...ofTask, ...ofOrg];
  const deployments = deploymentsOf(ofTask);
  const required = requiredOf(task, assignments, policy);
  const judge = (approvals: readonly Approval[]) =>
    gatesOfTask({
      deliverables: deliverablesOf(assignments),
      attestations,
      approvals,
      submittedBy: submitterOf(task),
      criteria: { required, backupMaxAgeHours: policy.backupMaxAgeHours, policyVersion: version, now },
    });
  const first = judge([]);
  if (openGates(first, required).length === 0 && !everyWaiver && !first.some(restsOnPerson)) {
    return { verdicts: first, open: [], waiverPending: false, deployments, policy };
  }
  const approvals = await approvalsOfTask(org, id);
  const verdicts = judge(approvals);
  const open = openGates(verdicts, required);
  const waiverPending = approvals.some(
    ({ subject, state }) =>
      state === 'pending' && subject.kind === 'waiver' && open.some(({ gate }) => gate === subject.gate),
  );
  return { verdicts, open, waiverPending, deployments, policy };
};

/** Q2; a fork of such a plan is still the caller’s. */
const requiredOf = (
  { submission }: Task,
  assignments: readonly Assignment[],
  { requiredGates }: OrgPolicy,
): readonly GateId[] => {
  if (requiredGates) return requiredGates;
  if (!submission.plan) return usualGates;
  const kinds = new Set(assignments.map(({ artifactKind }) => artifactKind));
  return usualGates.filter((gate) => [...kinds].some((kind) => gatesAcceptingKind(kind).includes(gate)));
};

/** Then it matters whether that person has asked for a waiver of the gate. */
const restsOnPerson = ({ required, evidence }: GateVerdict): boolean =>
  required && evidence.some(({ source, decides }) => decides && source === 'human');

/** Q3: an artifact or a review of the team itself has failed the gate, whatever else stands beside it. */
export const failsByWork = ({ status, evidence }: GateVerdict): boolean =>
  status === 'failed' &&
  evidence.some(
    ({ source, decides, outcome }) =>
      decides && outcome === 'failed' && (source === 'validator' || source === 'verdict'),
  );

const deliverablesOf = (assignments: readonly Assignment[]): Deliverable[] => {
  const current = new Set(standing(assignments));
  return assignments
    .filter(({ state }) => state === 'succeeded')
    .map((each) => ({
      assignment: each.id,
      kind: each.artifactKind,
      specialist: each.specialist,
      specialistVersion: each.agentVersion,
      model: modelBehind(each),
      verdict: each.result?.verdict ?? null,
      metrics: each.result?.metrics ?? {},
      superseded: !current.has(each),
      finishedAt: each.finishedAt ?? new Date(0),
    }));
};
