import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';
import { severities, verdict, type ReviewFinding } from '../schemas.ts';

const text = z.string().trim().min(1);

/** `artifact` and `place` may be left out: the coordinator then judges by the kinds of artifact where the finding belongs. */
export const findingOfReview = z.strictObject({
  severity: z.enum(severities),
  title: text.max(200),
  artifact: text.max(200).optional().meta({
    description: 'The artifact that has to change: the id before the colon in the name of its material.',
  }),
  place: text.max(200).optional().meta({ description: 'Where in it: a path, a line, a name.' }),
  recommendation: text.meta({ description: 'What would resolve it.' }),
});

type FindingOfReview = z.output<typeof findingOfReview>;

/** A judgement by findings. A review that passes has no finding of severity high or critical. */
export const review = z
  .strictObject({ verdict, findings: boundedArray(findingOfReview, 200) })
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
    concerns: concernsOn(subject, findings),
    findings: findings.map(asFinding),
  }));

/** All but the low ones, each with its place. */
export const concernsOn = (subject: string, findings: readonly FindingOfReview[]): string[] =>
  findings
    .filter(({ severity }) => severity !== 'low')
    .map(({ severity, title, artifact, place }) => {
      const where = [artifact, place].filter((each) => each !== undefined).join(', ');
      return `${subject}, ${severity}: ${title}${where === '' ? '' : ` (${where})`}`;
    });

export const asFinding = ({ severity, title, artifact, place, recommendation }: FindingOfReview): ReviewFinding => ({
  severity,
  title,
  artifact: artifact ?? null,
  place: place ?? null,
  resolution: recommendation,
});
