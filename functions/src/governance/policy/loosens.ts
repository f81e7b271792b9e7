// Whether a change of the policy asks for less than before or allows more. Each part of a policy has its rule, so that a new part cannot be
// forgotten. Pure.
import { capacityOf } from './capacity.ts';
import { usualGates, type OrgPolicy } from './schemas.ts';

interface Change {
  readonly before: OrgPolicy;
  readonly after: OrgPolicy;
}

/** What the change loosens, by the paths of the policy; empty when it tightens or changes nothing that anybody is judged by. */
export const loosens = (before: OrgPolicy, after: OrgPolicy): string[] =>
  Object.values(rules).flatMap((rule) => rule({ before, after }));

const named = (path: string, isLooser: boolean): string[] => (isLooser ? [path] : []);

const rules: Readonly<Record<keyof OrgPolicy, (change: Change) => string[]>> = {
  requiredGates: ({ before, after }) => named('requiredGates', requiresLess(before.requiredGates, after.requiredGates)),
  approvals: (change) => loosenedApprovals(change),
  escalation: ({ before, after }) =>
    named('escalation.ladder', tellsLess(before.escalation.ladder, after.escalation.ladder)),
  budget: ({ before, after }) => [
    ...named('budget.taskNanoUsd', allowsMore(before.budget.taskNanoUsd, after.budget.taskNanoUsd)),
    ...named('budget.monthlyNanoUsd', allowsMore(before.budget.monthlyNanoUsd, after.budget.monthlyNanoUsd)),
  ],
  dataClasses: ({ before, after }) => named('dataClasses', protectsLess(before.dataClasses, after.dataClasses)),
  backupMaxAgeHours: ({ before, after }) =>
    named('backupMaxAgeHours', after.backupMaxAgeHours > before.backupMaxAgeHours),
  // Nothing is judged by what is told at intervals; the report at the end of a task goes whatever the policy says.
  reports: () => [],
  limits: ({ before, after }) => named('limits', capacityOf(after) > capacityOf(before)),
  changes: ({ before, after }) =>
    named(
      'changes.confirmedBy',
      before.changes.confirmedBy === 'main-coordinator' && after.changes.confirmedBy !== 'main-coordinator',
    ),
};

type Gates = OrgPolicy['requiredGates'];

/** A list holds for every plan; null means the usual gates, and of a caller's plan only those that its work can speak to. */
const requiresLess = (before: Gates, after: Gates): boolean => {
  if (after === null) return before !== null && before.length > 0;
  return (before ?? usualGates).some((gate) => !after.includes(gate));
};

const loosenedApprovals = ({ before: { approvals: before }, after: { approvals: after } }: Change): string[] => {
  const approves = after.onSilence === 'approve';
  const hasLessTime = approves && before.onSilence === 'approve' && after.deadlineMinutes < before.deadlineMinutes;
  return [
    ...named(
      'approvals.mayDecide',
      after.mayDecide.some((each) => !before.mayDecide.includes(each)),
    ),
    ...named('approvals.deadlineMinutes', hasLessTime),
    ...named('approvals.onSilence', approves && before.onSilence !== 'approve'),
  ];
};

type Ladder = OrgPolicy['escalation']['ladder'];

/** Somebody is no longer told, or later. */
const tellsLess = (before: Ladder, after: Ladder): boolean =>
  before.some(
    ({ party, afterMinutes }) => !after.some((each) => each.party === party && each.afterMinutes <= afterMinutes),
  );

/** Null is no limit. */
const allowsMore = (before: bigint | null, after: bigint | null): boolean =>
  before !== null && (after === null || after > before);

type DataClasses = OrgPolicy['dataClasses'];

/** A pattern of fields, with what it requires, is gone. */
const protectsLess = (before: DataClasses, after: DataClasses): boolean => {
  const kept = new Set(protectionsOf(after));
  return protectionsOf(before).some((each) => !kept.has(each));
};

const protectionsOf = (classes: DataClasses): string[] =>
  classes.flatMap(({ fields, requires }) =>
    fields.flatMap((field) => requires.map((safeguard) => `${safeguard} ${field.toLowerCase()}`)),
  );
