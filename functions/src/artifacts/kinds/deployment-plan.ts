import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';

const text = z.string().trim().min(1);
const steps = boundedArray(text, 200).min(1);

/** How a change reaches an environment, how it is taken back, how one sees that it works, and what it costs a month. */
export const deploymentPlan = z.strictObject({
  environment: text,
  steps,
  rollback: steps,
  monitoring: steps,
  estimatedMonthlyCostUsd: z.number().nonnegative(),
});

/** Metrics: `steps`, `estimatedMonthlyCostUsd`. */
export const checkDeploymentPlan = jsonKind(deploymentPlan, (plan) => ({
  metrics: { steps: plan.steps.length, estimatedMonthlyCostUsd: plan.estimatedMonthlyCostUsd },
}));
