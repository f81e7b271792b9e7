import { z } from 'zod';
import { jsonKind } from '../json-kind.ts';
import { verdict } from '../schemas.ts';

const text = z.string().trim().min(1);
const severities = ['low', 'medium', 'high', 'critical'] as const;

/** A security engineer's judgement. A review that passes has no finding of severity high or critical. */
export const securityReview = z
  .strictObject({
    verdict,
    findings: z.array(z.strictObject({ severity: z.enum(severities), title: text.max(200), recommendation: text })),
  })
  .superRefine((review, context) => {
    if (review.verdict !== 'pass') return;
    review.findings.forEach(({ severity }, index) => {
      if (severity === 'high' || severity === 'critical') {
        context.addIssue({
          code: 'custom',
          path: ['findings', index, 'severity'],
          message: `The verdict is pass, which a finding of severity ${severity} contradicts.`,
        });
      }
    });
  });

/** Metrics: `low`, `medium`, `high`, `critical`, the number of findings of each severity. Concerns: all but the low ones. */
export const checkSecurityReview = jsonKind(securityReview, (review) => ({
  metrics: Object.fromEntries(
    severities.map((severity) => [severity, review.findings.filter((found) => found.severity === severity).length]),
  ),
  verdict: review.verdict,
  concerns: review.findings
    .filter(({ severity }) => severity !== 'low')
    .map(({ severity, title }) => `Security, ${severity}: ${title}`),
}));
