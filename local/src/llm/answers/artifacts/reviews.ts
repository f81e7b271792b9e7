// Verdicts of the reviewers.
import { findingOf } from '../finding-shape.ts';
import type { Commission } from './commission.ts';

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);

interface Words {
  readonly severity: 'low' | 'high';
  readonly title: string;
  readonly recommendation: string;
}

/** Whether the reviewer sends the work back: for what it was told to find, and for what it sees itself. */
const objects = ({ wantsChanges, found }: Commission) =>
  wantsChanges || found.some(({ flaw }) => flaw.severity !== 'low');

const verdictOf = (commission: Commission) => (objects(commission) ? 'changes-needed' : 'pass');

const reviewOf = (commission: Commission, serious: Words, remark: Words): string => {
  const { wantsChanges, found, findingShape } = commission;
  const seen = found.map((each) => findingOf(each, findingShape));
  return pretty({
    verdict: verdictOf(commission),
    findings: [...seen, ...(wantsChanges ? [serious] : []), remark],
  });
};

export const codeReview = (commission: Commission): string => {
  const many = commission.subject.resources[0];
  return reviewOf(
    commission,
    {
      severity: 'high',
      title: `Nothing says what happens to ${many} that are written twice`,
      recommendation: `Take an idempotency key, and answer the second request with the first one's result.`,
    },
    {
      severity: 'low',
      title: `The limit of a page of ${many} is named twice`,
      recommendation: 'Name it once, in the contract.',
    },
  );
};

export const securityReview = (commission: Commission): string => {
  const many = commission.subject.resources[0];
  return reviewOf(
    commission,
    {
      severity: 'high',
      title: `Members can change ${many} of others`,
      recommendation: `Compare the author of the stored ${many} with the caller before an update.`,
    },
    {
      severity: 'low',
      title: `Titles of ${many} are not normalised`,
      recommendation: 'Normalise Unicode before comparing titles.',
    },
  );
};

const TARGET_LATENCY_MS = 200;
const TARGET_COST_USD = 0.02;

/** Between 0 and 60, told by the words of the task. */
const spread = (words: readonly string[]) => words.join('').length % 61;

/** What it sees becomes a measurement that misses its target, and a finding where the application has room for one. */
export const performanceReview = (commission: Commission): string => {
  const { subject, found, findingShape } = commission;
  const many = subject.resources[0];
  const latency = (objects(commission) ? 2 * TARGET_LATENCY_MS : TARGET_LATENCY_MS / 2) + spread(subject.words);
  return pretty({
    verdict: verdictOf(commission),
    measurements: [
      { name: `Reading ${many}, 95th percentile`, value: latency, unit: 'ms', target: TARGET_LATENCY_MS },
      { name: 'Failed requests', value: 0.2, unit: '%', target: 1 },
      { name: 'Cost per active user and day', value: 0.013, unit: 'USD', target: TARGET_COST_USD },
      ...found.map(({ flaw, place }) => ({
        name: `${flaw.title} (${flaw.kind}, ${place})`.slice(0, 120),
        value: 1,
        unit: 'found',
        target: 0,
      })),
    ],
    ...(findingShape.beside === 'measurements' && { findings: found.map((each) => findingOf(each, findingShape)) }),
  });
};
