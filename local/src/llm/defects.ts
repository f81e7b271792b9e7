// Flaws put into artifacts on purpose: a rule names the task and the kind of artifact; the author's first version then has the flaw,
// reviewers who see that artifact report it, and the version that is made with the report at hand is without it.
import { z } from 'zod';
import { type Flaw, naturalFlaw, placeIn, reviewKinds, severities } from './flaws.ts';

export const defectRule = z.strictObject({
  /** A part of the task's text; without it, every task's artifacts of the kind. */
  task: z.string().min(1).optional(),
  kind: z.string().regex(/^[a-z][a-z-]*[a-z]$/),
  /** Stands in the artifact while it has the defect; default: a flaw that is usual for the kind. */
  marker: z
    .string()
    .regex(/^[^"\\\p{Cc}]{3,120}$/u, 'must be 3 to 120 characters, without quotes, backslashes and line breaks')
    .optional(),
  severity: z.enum(severities).optional(),
  /** The kinds of review that notice it. */
  seenBy: z.array(z.enum(reviewKinds)).min(1).optional(),
  /** The author never gets rid of it, whatever reviewers say. */
  stubborn: z.boolean().default(false),
});
export type DefectRule = z.input<typeof defectRule>;

export interface Defect extends Flaw {
  readonly task: string | undefined;
  readonly stubborn: boolean;
}

const defectOf = ({ task, kind, marker, severity, seenBy, stubborn }: z.output<typeof defectRule>): Defect => {
  const usual = naturalFlaw(kind);
  const own = marker !== undefined || !usual;
  const trace = marker ?? `defect in ${kind}`;
  const flaw = own
    ? {
        trace,
        title: `The ${kind} is defective: ${trace}`,
        resolution: `Remove "${trace}".`,
        severity: 'high' as const,
      }
    : usual;
  return {
    ...flaw,
    kind,
    place: placeIn(kind),
    severity: severity ?? flaw.severity,
    seenBy: seenBy ?? (own ? reviewKinds : usual.seenBy),
    task,
    stubborn,
  };
};

/** The rules of the moment. */
export class DefectPlan {
  #rules: readonly z.output<typeof defectRule>[] = [];

  /** Replaces all rules. Throws a ZodError when one does not fit. */
  setRules(rules: readonly unknown[]): void {
    this.#rules = z.array(defectRule).parse(rules);
  }

  list(): readonly z.output<typeof defectRule>[] {
    return this.#rules;
  }

  /** What artifacts of that task are to have. */
  of(taskText: string): Defect[] {
    return this.#rules.filter(({ task }) => task === undefined || taskText.includes(task)).map(defectOf);
  }
}
