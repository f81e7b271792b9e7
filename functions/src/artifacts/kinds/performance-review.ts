import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';
import { verdict } from '../schemas.ts';
import { asFinding, concernsOn, findingOfReview } from './review.ts';

const text = z.string().trim().min(1);

/**
 * A judgement of measurements against targets. Lower is better in each: what should be high is stated by its opposite
 * (unavailability instead of availability, seconds per request instead of requests per second). A review that passes
 * misses no target.
 */
export const performanceReview = z
  .strictObject({
    verdict,
    measurements: boundedArray(
      z.strictObject({ name: text.max(120), value: z.number(), unit: text.max(40), target: z.number() }),
      200,
    ).min(1),
    findings: boundedArray(findingOfReview, 200).default([]).meta({
      description: 'For each target that is missed: which artifact misses it, where, and what would help.',
    }),
  })
  .superRefine((review, context) => {
    const names = new Set<string>();
    review.measurements.forEach(({ name, value, target }, index) => {
      if (names.has(name)) {
        context.addIssue({
          code: 'custom',
          path: ['measurements', index, 'name'],
          message: `'${name}' is measured twice.`,
        });
      }
      names.add(name);
      if (review.verdict === 'pass' && value > target) {
        context.addIssue({
          code: 'custom',
          path: ['measurements', index, 'value'],
          message: `The verdict is pass, but ${value} is above the target ${target} (lower is better).`,
        });
      }
    });
  });

/** Metrics: each measurement's value by its name. Concerns: the targets that are missed, and the findings. */
export const checkPerformanceReview = jsonKind(performanceReview, (review) => ({
  metrics: Object.fromEntries(review.measurements.map(({ name, value }) => [name, value])),
  verdict: review.verdict,
  concerns: [
    ...review.measurements
      .filter(({ value, target }) => value > target)
      .map(({ name, value, unit, target }) => `Performance: ${name} is ${value} ${unit}, the target is ${target}.`),
    ...concernsOn('Performance', review.findings),
  ],
  findings: review.findings.map(asFinding),
}));
