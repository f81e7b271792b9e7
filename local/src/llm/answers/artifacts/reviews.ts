// Verdicts of the reviewers.
import type { Commission } from './commission.ts';

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);

const verdictOf = (wantsChanges: boolean) => (wantsChanges ? 'changes-needed' : 'pass');

export const codeReview = ({ subject, wantsChanges }: Commission): string => {
  const many = subject.resources[0];
  const serious = {
    severity: 'high',
    title: `Nothing says what happens to ${many} that are written twice`,
    recommendation: `Take an idempotency key, and answer the second request with the first one's result.`,
  };
  const remark = {
    severity: 'low',
    title: `The limit of a page of ${many} is named twice`,
    recommendation: 'Name it once, in the contract.',
  };
  return pretty({ verdict: verdictOf(wantsChanges), findings: wantsChanges ? [serious, remark] : [remark] });
};

export const securityReview = ({ subject, wantsChanges }: Commission): string => {
  const many = subject.resources[0];
  const serious = {
    severity: 'high',
    title: `Members can change ${many} of others`,
    recommendation: `Compare the author of the stored ${many} with the caller before an update.`,
  };
  const remark = {
    severity: 'low',
    title: `Titles of ${many} are not normalised`,
    recommendation: 'Normalise Unicode before comparing titles.',
  };
  return pretty({ verdict: verdictOf(wantsChanges), findings: wantsChanges ? [serious, remark] : [remark] });
};

const TARGET_LATENCY_MS = 200;
const TARGET_COST_USD = 0.02;

/** Between 0 and 60, told by the words of the task. */
const spread = (words: readonly string[]) => words.join('').length % 61;

export const performanceReview = ({ subject, wantsChanges }: Commission): string => {
  const many = subject.resources[0];
  const latency = (wantsChanges ? 2 * TARGET_LATENCY_MS : TARGET_LATENCY_MS / 2) + spread(subject.words);
  return pretty({
    verdict: verdictOf(wantsChanges),
    measurements: [
      { name: `Reading ${many}, 95th percentile`, value: latency, unit: 'ms', target: TARGET_LATENCY_MS },
      { name: 'Failed requests', value: 0.2, unit: '%', target: 1 },
      { name: 'Cost per active user and day', value: 0.013, unit: 'USD', target: TARGET_COST_USD },
    ],
  });
};
