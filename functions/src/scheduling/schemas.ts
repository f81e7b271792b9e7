// The records of scheduling: what is to be run when, and what was. A leaf: every type comes from its schema.
import { z } from 'zod';
import { storedSubmission, submission, taskId } from '../coordination/schemas.ts';
import { filledText, instant, orgId } from '../platform/schemas.ts';
import { storedBytes } from '../platform/stored-size.ts';
import { cronFault, isTimeZone } from './cron.ts';

export const scheduleId = z.string().regex(/^sch_[a-z0-9]{20}$/, 'is not a schedule id');
export type ScheduleId = z.infer<typeof scheduleId>;

export const runId = z.string().regex(/^run_[a-z0-9]{20}$/, 'is not a run id');
export type RunId = z.infer<typeof runId>;

const cron = z
  .string()
  .trim()
  .max(200)
  .superRefine((text, context) => {
    const message = cronFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({
    description:
      'Minute, hour, day of month, month and day of week, e.g. `0 9 * * 1-5`. Also takes names, `L`, `W` and `#`.',
    pattern: '^ *[0-9A-Za-z*,/#?-]+(?: +[0-9A-Za-z*,/#?-]+){4} *$',
    examples: ['0 9 * * 1-5'],
  });

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'is not the name of a time zone')
  .meta({
    description: 'A name of the IANA time zone database.',
    pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
    examples: ['Europe/Berlin'],
  });

/** What each run hands in; when a task starts and ends by is the schedule's affair. */
const untimed = { startAt: true, deadline: true } as const;
const recurringSubmission = submission.omit(untimed);

/** A sweeper has the schedules of all orgs at hand, and each run has its submission once more. */
const maxSubmissionBytes = 262_144;

const acceptedSubmission = recurringSubmission.refine(
  (each) => storedBytes(each) <= maxSubmissionBytes,
  `must take at most ${maxSubmissionBytes} bytes in the database`,
);

/** What the owner of a schedule decides. */
export const scheduleSettings = z.strictObject({
  name: filledText(200).meta({ examples: ['Nightly review'] }),
  cron,
  timeZone: timeZone.default('UTC'),
  submission: acceptedSubmission,
  deadlineMinutes: z
    .int()
    .min(1)
    .max(30 * 24 * 60)
    .nullable()
    .default(null)
    .meta({ description: 'How long each task may take, from when it is handed in. Null: 24 hours.' }),
  enabled: z.boolean().default(true),
  overlap: z.enum(['skip', 'allow']).default('skip').meta({
    description: '`skip`: a run whose predecessor’s task is not over yet is left out.',
  }),
});
export type ScheduleSettings = z.infer<typeof scheduleSettings>;

/** The same without the defaults: what is left out stays as it is. Switching on and off is not an edit. */
export const scheduleChanges = z
  .strictObject({
    name: scheduleSettings.shape.name,
    cron,
    timeZone,
    submission: acceptedSubmission,
    deadlineMinutes: scheduleSettings.shape.deadlineMinutes.unwrap(),
    overlap: scheduleSettings.shape.overlap.unwrap(),
  })
  .partial();
export type ScheduleChanges = z.infer<typeof scheduleChanges>;

/** Why a run came to nothing: the stable code of a refusal (see docs/errors) and a sentence for people. */
export const refusal = z.strictObject({ code: z.string(), detail: z.string(), at: instant });

/** `orgs/{org}/schedules/{schedule}`. What was accepted once stays readable, whatever patterns are accepted later. */
export const schedule = z.object({
  ...scheduleSettings.shape,
  cron: z.string(),
  timeZone: z.string(),
  submission: storedSubmission.omit(untimed),
  id: scheduleId,
  org: orgId,
  requestHash: z.string(),
  /** The latest run that handed in a task, or tried to. */
  lastRunAt: instant.nullable(),
  lastTask: taskId.nullable(),
  /** Why the latest run was refused; null when it was not. */
  lastError: refusal.nullable(),
  /** The latest slot that was left out as the last task was not over. */
  lastSkippedAt: instant.nullable(),
  /** The slot that comes next, or is due; null while disabled, or when no date is left. */
  nextRunAt: instant.nullable(),
  createdBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
});
export type Schedule = z.infer<typeof schedule>;

/**
 * `orgs/{org}/scheduleRuns/{run}`: one run, of a slot or at somebody's request. It outlives its schedule, as its task does. `request`
 * is what is handed in, on record before it is (C3), so that a repeat hands in the same; null once the task has it.
 */
export const scheduleRun = z.object({
  id: runId,
  org: orgId,
  schedule: scheduleId,
  slot: instant.nullable(),
  requestedBy: z.string().nullable(),
  /** Who set the schedule up; null for runs from before it was kept. */
  scheduledBy: z.string().nullable().default(null),
  beganAt: instant,
  request: storedSubmission.nullable(),
  task: taskId.nullable(),
  error: refusal.nullable(),
});
export type ScheduleRun = z.infer<typeof scheduleRun>;
