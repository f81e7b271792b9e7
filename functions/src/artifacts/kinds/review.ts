import { z } from 'zod';
import { jsonKind } from '../json-kind.ts';
import { verdict } from '../schemas.ts';

const text = z.string().trim().min(1);
const severities = ['low', 'medium', 'high', 'critical'] as const;

/** A judgement by findings. A review that passes has no finding of severity high or critical. */
export const review = z
  .strictObject({
    verdict,
    findings: z.array(z.strictObject({ severity: z.enum(severities), title: text.max(200), recommendation: text })),
  })
  .superRefine(({ verdict: judged, findings }, context) => {
    if (judged !== 'pass') return;
    findings.forEach(({ severity }, index) => {
      if (severity === 'high' || severity === 'critical') {
        context.addIssue({
          code: 'custom',
          path: ['findings', index, 'severity'],
          message: `The verdict is pass, which a finding of severity ${severity} contradicts.`,
        });
      }
    });
  });

/**
 * A check of such a review of `subject`. Metrics: `low`, `medium`, `high`, `critical`, the number of findings of each severity.
 * Concerns: all but the low ones.
 */
export const checkReviewOf = (subject: string) =>
  jsonKind(review, ({ verdict: judged, findings }) => ({
    metrics: Object.fromEntries(
      severities.map((severity) => [severity, findings.filter((found) => found.severity === severity).length]),
    ),
    verdict: judged,
    concerns: findings
      .filter(({ severity }) => severity !== 'low')
      .map(({ severity, title }) => `${subject}, ${severity}: ${title}`),
  }));
