import { onDocumentCreated, onDocumentUpdated, onDocumentWritten } from 'firebase-functions/v2/firestore';
import { onSchedule } from 'firebase-functions/v2/scheduler';
import { z } from 'zod';
import { modelSecrets, region } from '../config.ts';
import { configuredGateway } from '../llm/index.ts';
import { databaseTime, parseSnapshot } from '../platform/firestore.ts';
import { messageFunction } from '../platform/events.ts';
import { approval, escalation } from '../governance/schemas.ts';
import { orgId } from '../platform/schemas.ts';
import { acceptMessage } from './accept-message.ts';
import { admitNext } from './admit-task.ts';
import { advanceOnCreate } from './advance-task.ts';
import { turnsTopic } from './announce-room.ts';
import { keepDeadLetter } from './dead-letters.ts';
import { topicOf } from './directive.ts';
import { finishTask } from './finish-task.ts';
import { keepWatch } from './recover.ts';
import { resumeAfter } from './resume-approved.ts';
import { runMessage } from './run-message.ts';
import { directive, intakeMessage, intakeTopic, task, taskId, turn, type Priority } from './schemas.ts';
import { stopOnSilence } from './stop-on-silence.ts';
import { sweep } from './sweep.ts';
import { watchAllOrgs } from './watch-orgs.ts';

const inOrg = z.object({ org: orgId });
const inTask = inOrg.extend({ task: taskId });

/** The longest that the platform lets an event function run, and what a run may use of it. */
const timeoutSeconds = 540;
const runTimeoutMs = 510_000;

/** Tasks from Pub/Sub producers. */
export const acceptTask = messageFunction({
  topic: intakeTopic,
  schema: intakeMessage,
  fromOutside: true,
  options: { region, memory: '512MiB', concurrency: 80 },
  keep: keepDeadLetter,
  handle: (message) => acceptMessage(message, databaseTime()),
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
    const gateway = configuredGateway();
    if (data) await Promise.all([keepWatch(gateway), advanceOnCreate(parseSnapshot(task, data), gateway)]);
  },
);

/** There may be room in an org whose tasks wait for their turn. */
export const admitTasks = messageFunction({
  topic: turnsTopic,
  schema: turn,
  options: { region, timeoutSeconds: 300, memory: '512MiB', concurrency: 40, secrets: modelSecrets },
  keep: keepDeadLetter,
  handle: ({ payload: { org } }) => admitNext(org, configuredGateway(), databaseTime()),
});

/** A new policy may let an org do more at once. */
export const admitByPolicy = onDocumentWritten(
  {
    document: 'orgs/{org}/policy/current',
    region,
    retry: true,
    timeoutSeconds: 300,
    memory: '512MiB',
    secrets: modelSecrets,
  },
  async ({ params }) => {
    await admitNext(inOrg.parse(params).org, configuredGateway(), databaseTime());
  },
);

/** A decision above our authority was made, or its deadline has passed. */
export const resumeTasks = onDocumentUpdated(
  { document: 'orgs/{org}/approvals/{approval}', region, retry: true, timeoutSeconds: 60, memory: '512MiB' },
  async ({ data }) => {
    if (data) await resumeAfter(parseSnapshot(approval, data.after).value, databaseTime());
  },
);

/** Evidence has come in for a task that may be waiting for it. */
export const recheckGates = onDocumentCreated(
  { document: 'orgs/{org}/tasks/{task}/attestations/{attestation}', region, retry: true, memory: '512MiB' },
  async ({ params }) => {
    const { org, task: id } = inTask.parse(params);
    await finishTask(org, id, databaseTime());
  },
);

const runner = (priority: Priority) =>
  messageFunction({
    topic: topicOf(priority),
    schema: directive,
    options: { region, timeoutSeconds, memory: '1GiB', concurrency: 80, secrets: modelSecrets },
    keep: keepDeadLetter,
    handle: async (message) => {
      const gateway = configuredGateway();
      await Promise.all([keepWatch(gateway), runMessage(message, { gateway, timeoutMs: runTimeoutMs })]);
    },
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
    await sweep(configuredGateway(), databaseTime());
  },
);

/** Looks at the orgs for what somebody above must know, and sends the reports that are due. */
export const watchOrgs = onSchedule(
  { schedule: 'every 5 minutes', region, timeoutSeconds: 300, memory: '512MiB' },
  async () => {
    await watchAllOrgs(databaseTime());
  },
);

/** Nobody reacted to an escalation: its task may have to stop. */
export const stopEscalated = onDocumentUpdated(
  { document: 'orgs/{org}/escalations/{escalation}', region, retry: true, memory: '512MiB' },
  async ({ data }) => {
    if (data) await stopOnSilence(parseSnapshot(escalation, data.after).value);
  },
);
