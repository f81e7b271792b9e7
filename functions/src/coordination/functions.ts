import { onDocumentCreated } from 'firebase-functions/v2/firestore';
import { onSchedule } from 'firebase-functions/v2/scheduler';
import { modelSecrets, region } from '../config.ts';
import { configuredGateway } from '../llm/index.ts';
import { parseSnapshot } from '../platform/firestore.ts';
import { messageFunction } from '../platform/events.ts';
import { advanceOnCreate } from './advance-task.ts';
import { keepDeadLetter } from './dead-letters.ts';
import { topicOf } from './directive.ts';
import { runAssignment } from './run-assignment.ts';
import { directive, intakeMessage, task, type Priority } from './schemas.ts';
import { submitTask } from './submit-task.ts';
import { sweep } from './sweep.ts';

/** The longest that the platform lets an event function run, and what a run may use of it. */
const timeoutSeconds = 540;
const runTimeoutMs = 510_000;

/** Tasks from Pub/Sub producers. */
export const acceptTask = messageFunction({
  topic: 'coordination-tasks',
  schema: intakeMessage,
  options: { region, memory: '512MiB', concurrency: 80 },
  keep: keepDeadLetter,
  handle: async ({ payload: { org, idempotencyKey, ...submission }, attributes, messageId }) => {
    const key = idempotencyKey ?? attributes['idempotencyKey'] ?? messageId;
    const submittedBy = { channel: 'pubsub' as const, messageId };
    await submitTask({ org, submission, idempotencyKey: key, submittedBy, now: new Date() });
  },
});

/** The created document is the message: a task cannot be accepted and then forgotten (C5). */
export const planTask = onDocumentCreated(
  {
    document: 'orgs/{org}/tasks/{task}',
    region,
    retry: true,
    timeoutSeconds: 300,
    memory: '512MiB',
    concurrency: 40,
    secrets: modelSecrets,
  },
  async ({ data }) => {
    if (data) await advanceOnCreate(parseSnapshot(task, data), configuredGateway());
  },
);

const runner = (priority: Priority) =>
  messageFunction({
    topic: topicOf(priority),
    schema: directive,
    options: { region, timeoutSeconds, memory: '1GiB', concurrency: 20, secrets: modelSecrets },
    keep: keepDeadLetter,
    handle: ({ payload, messageId }) =>
      runAssignment(payload, { gateway: configuredGateway(), messageId, timeoutMs: runTimeoutMs }),
  });

/** A function per priority: urgent work has its own queue and its own instances. */
export const runCritical = runner('critical');
export const runHigh = runner('high');
export const runMedium = runner('medium');
export const runLow = runner('low');

/** Finds whatever a crash left undone. */
export const sweepTasks = onSchedule(
  { schedule: 'every 1 minutes', region, timeoutSeconds: 300, memory: '512MiB', secrets: modelSecrets },
  async () => {
    await sweep(configuredGateway(), new Date());
  },
);
