// The records of coordination: what is accepted, what is stored, what is sent. A leaf: every type comes from its schema.
import { z } from 'zod';
import { specialistId } from '../agents/schemas.ts';
import { artifactKind, artifactMetrics, finding, reviewFinding, verdict } from '../artifacts/schemas.ts';
import { gateVerdict } from '../governance/schemas.ts';
import { llmCall } from '../llm/schemas.ts';
import { boundedArray } from '../platform/bounded.ts';
import {
  filledText,
  idPattern,
  instant,
  nanoUsd,
  orgId,
  requestedNanoUsd,
  requestedTime,
  role,
  tenantId,
} from '../platform/schemas.ts';
import { notes } from '../scratchpads/schemas.ts';
import { categories } from './delegation.ts';

export const priorities = ['critical', 'high', 'medium', 'low'] as const;
export const priority = z.enum(priorities);
export type Priority = z.infer<typeof priority>;

export const category = z.enum(categories);

export const taskId = z
  .string()
  .regex(/^tsk_[a-z0-9]{20}$/, 'is not a task id')
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof taskId>;

/** Longer than a planned one may be: parts, reworks and later rounds are named after what they belong to. */
export const assignmentId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,127}$/, 'must be 1 to 128 of a-z, 0-9, - and _');
export type AssignmentId = z.infer<typeof assignmentId>;

/** A plan's node as people and models write it. `dependsOn` names other nodes of the same plan. */
export const plannedAssignment = z.strictObject({
  id: z.string().regex(idPattern, 'must be 1 to 64 of a-z, 0-9, - and _'),
  specialist: specialistId,
  title: filledText(200),
  instructions: z.string().trim().max(8_000).default(''),
  artifactKind,
  dependsOn: boundedArray(assignmentId, 200).default([]),
  timeoutSeconds: z.int().min(1).max(86_400).optional().meta({
    description:
      'How long the work may take once it was started, tries and all; it goes on while the work waits for a retry, an answer, its parts or the end of a pause. What was delivered in time may wait longer for its approval. Left out: until the task’s deadline.',
  }),
});
export type PlannedAssignment = z.infer<typeof plannedAssignment>;

export const maxAssignments = 200;

/** What the designs of several tasks belong to: a task's API is compared with the last one of the same service. */
export const serviceName = z.string().regex(idPattern, 'must be 1 to 64 of a-z, 0-9, - and _');

/** What a caller hands in, over HTTPS or Pub/Sub. */
export const submission = z.strictObject({
  title: filledText(200).meta({ examples: ['Add an endpoint for extracting metadata from documents'] }),
  description: z.string().trim().max(20_000).default(''),
  service: serviceName.optional().meta({
    description:
      'The service that the work is on. The team gets what was accepted for it last, and its designs are compared with that. Left out: the service that the text names, if the org has one of that name; else the name that the service boundaries give to a new one.',
  }),
  category: category.optional().meta({ description: 'Left out: a classifier decides and the task says which one.' }),
  priority: priority.optional(),
  planning: z.enum(['template', 'proposed']).default('template').meta({
    description: '`proposed` lets a model propose the graph within guard-rails; if it breaks one, the template stands.',
  }),
  plan: boundedArray(plannedAssignment, maxAssignments).min(1).optional().meta({
    description:
      'A graph of your own instead of a planned one. Must be acyclic; with the rest of the task at most 900000 bytes of JSON.',
  }),
  deadline: requestedTime.optional().meta({
    description: 'Default: 24 hours from when it is submitted, or from `startAt`. Waiting for its turn counts.',
  }),
  startAt: requestedTime.optional().meta({ description: 'Not before then; default: now.' }),
  budgetNanoUsd: requestedNanoUsd.optional().meta({
    description:
      'No further question is put to a model once this much was spent on analysis and work together; `0`: none at all. What was asked before that is paid for, so that work side by side may cost more.',
    examples: ['500000000'],
  }),
});
export type Submission = z.infer<typeof submission>;

const { deadline, startAt, budgetNanoUsd } = submission.shape;
const anyTime = z.iso.datetime({ offset: true }).optional();

/** A submission as a record holds it: what was accepted once stays readable, whatever is accepted now. */
export const storedSubmission = submission.extend({
  deadline: anyTime.meta(deadline.meta() ?? {}),
  startAt: anyTime.meta(startAt.meta() ?? {}),
  budgetNanoUsd: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .meta(budgetNanoUsd.meta() ?? {}),
});

export const taskStates = [
  'submitted',
  'analyzing',
  'planned',
  'working',
  'paused',
  'input_required',
  'awaiting_approval',
  'validating',
  'reporting',
  'completed',
  'failed',
  'canceled',
  'rejected',
] as const;
/** A task in one of them is over. */
export const endedStates = [
  'completed',
  'failed',
  'canceled',
  'rejected',
] as const satisfies readonly (typeof taskStates)[number][];

export const taskState = z.enum(taskStates);
export type TaskState = z.infer<typeof taskState>;

export const assignmentStates = [
  'blocked',
  'ready',
  'running',
  'paused',
  'input_required',
  'awaiting_approval',
  'succeeded',
  'failed',
  'canceled',
] as const;
export const assignmentState = z.enum(assignmentStates);
export type AssignmentState = z.infer<typeof assignmentState>;

/** Why something ended badly: a stable code (see docs/errors) and a sentence for people. */
export const failure = z.strictObject({ code: z.string(), detail: z.string() });
export type Failure = z.infer<typeof failure>;

/**
 * Why a try came to nothing that may go better the next time. `bug`: an error that nobody foresaw, which may well come again. `setup`: keys,
 * names of models and accounts, which people must put right.
 */
const fault = z.enum(['busy', 'bug', 'setup']);
export type Fault = z.infer<typeof fault>;

export const analysis = z.strictObject({
  category,
  primary: specialistId,
  support: z.array(specialistId),
  priority,
  decidedBy: z.enum(['caller', 'llm', 'keywords']),
  reason: z.string(),
  /** The service of the org that the task is on: the caller's word, or the one that its text names. */
  service: serviceName.nullable().default(null),
});
export type Analysis = z.infer<typeof analysis>;

export const planOrigin = z.enum(['template', 'llm', 'caller', 'fork']);

/**
 * Who runs something now: an instance's lease, the run within that instance, and the message that it was started for. An external
 * agent holds it as the instance `agent:<id>`; `run` is then a hash of the token of its lease (external/lease-mark.ts).
 */
export const owner = z.strictObject({ instance: z.string(), run: z.string(), message: z.string() });
export type Owner = z.infer<typeof owner>;

export const submitter = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('http'), uid: z.string(), role }),
  z.strictObject({ channel: z.literal('pubsub'), messageId: z.string() }),
  z.strictObject({
    channel: z.literal('schedule'),
    schedule: z.string(),
    /** Who set the schedule up, or asked for the run. Tasks from before it was kept have none. */
    uid: z.string().optional(),
  }),
]);
export type Submitter = z.infer<typeof submitter>;

/** Whom a task waits for, until when, and what happens if nothing is heard (C1). */
export const wait = z.strictObject({
  id: z.string(),
  kind: z.enum(['approval', 'input', 'evidence', 'provider', 'agent']),
  assignment: assignmentId.nullable(),
  party: z.string(),
  reason: z.string(),
  deadlineAt: instant,
  onSilence: z.enum(['approve', 'reject', 'proceed', 'fail']),
  /** Of a provider or an agent: when the work is tried again. */
  retryAt: instant.nullish(),
});
export type Wait = z.infer<typeof wait>;

/** The event up to which a fork shares the story of another task. */
const forkedFrom = z.strictObject({ task: taskId, cursor: z.string() });

/** `orgs/{org}/tasks/{task}`: the fold of the task's own event stream. */
export const task = z.object({
  id: taskId,
  org: orgId,
  submission: storedSubmission,
  requestHash: z.string(),
  submittedBy: submitter,
  state: taskState,
  seq: z.int(),
  epoch: z.int(),
  owner: owner.nullable(),
  analysis: analysis.nullable(),
  plan: z
    .strictObject({
      origin: planOrigin,
      proposalRejected: z.string().nullable(),
      /** Ids by ordinal: an event's stream is named by the ordinal in cursors. */
      assignments: z.array(assignmentId),
    })
    .nullable(),
  failure: failure.nullable(),
  waits: z.array(wait),
  forkedFrom: forkedFrom.nullable(),
  /** Where it stands among the org's tasks that wait to be started: lower first. */
  queue: z.strictObject({ rank: z.int(), tag: instant }),
  /** What it has cost in all; null until it is over. */
  costNanoUsd: nanoUsd.nullable(),
  /** Calls of analysis and planning that were started and never settled. */
  lostCalls: z.int(),
  /**
   * True from its analysis to its end, except while it waits for evidence: it takes a share of the org's capacity, as wide as its
   * plan.
   */
  active: z.boolean(),
  width: z.int(),
  /** Model calls of analysis and planning; those of the work are with the assignments. */
  calls: z.array(llmCall),
  createdAt: instant,
  updatedAt: instant,
  deadlineAt: instant,
  /** When the sweeper looks at the task next; null once it is over. */
  wakeAt: instant.nullable(),
});
export type Task = z.infer<typeof task>;

export const assignmentResult = z.strictObject({
  artifact: assignmentId,
  title: z.string(),
  summary: z.string(),
  metrics: artifactMetrics,
  verdict: verdict.nullable(),
  concerns: z.array(z.string()),
  /** Of a review: what it found, by artifact. Results stored before findings were kept have none. */
  findings: z.array(reviewFinding).default([]),
  /** The task whose design a design was compared with when it was delivered: the one that was accepted last then. */
  comparedWith: taskId.nullable().default(null),
});
export type AssignmentResult = z.infer<typeof assignmentResult>;

const answeringModel = llmCall.pick({ provider: true, model: true });
export type AnsweringModel = z.infer<typeof answeringModel>;

/** What a specialist needs to know before it can go on. */
const question = z.strictObject({ text: z.string(), deadlineAt: instant });

export const remark = z.strictObject({
  kind: z.enum(['answer', 'objection']),
  about: z.string(),
  text: z.string(),
  by: z.string(),
  at: instant,
});
export type Remark = z.infer<typeof remark>;

/** Whose words an assignment's title and instructions are. A prompt takes instructions from the coordinator alone. */
export const author = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('coordinator') }),
  z.strictObject({ kind: z.literal('caller') }),
  z.strictObject({ kind: z.literal('model') }),
  z.strictObject({ kind: z.literal('specialist'), id: specialistId }),
]);
export type Author = z.infer<typeof author>;

/** `orgs/{org}/tasks/{task}/assignments/{assignment}`: the fold of the assignment's event stream. */
export const assignment = z.object({
  id: assignmentId,
  org: orgId,
  task: taskId,
  ordinal: z.int(),
  specialist: specialistId,
  title: z.string(),
  instructions: z.string(),
  /** Null for what was planned before that was on record. */
  author: author.nullable().default(null),
  artifactKind,
  dependsOn: z.array(assignmentId),
  successors: z.array(assignmentId),
  /** True for the one assignment that ends its plan: when it succeeds, everything has. */
  last: z.boolean(),
  /** How often its review has come around. */
  round: z.int(),
  /** What it was added to replace: the work that it does again, or the round of the review before. */
  supersedes: assignmentId.nullable().default(null),
  priority,
  brief: z.strictObject({
    title: z.string(),
    description: z.string(),
    category,
    service: serviceName.nullable(),
    budgetNanoUsd: nanoUsd.nullable(),
  }),
  timeoutSeconds: z.int().optional(),
  /** How many specialists stand between it and the plan: those who asked for it, who were asked for … */
  depth: z.int(),
  state: assignmentState,
  seq: z.int(),
  /** Raised by each claim; a commit made under an older epoch is refused (C2). */
  epoch: z.int(),
  owner: owner.nullable(),
  agentVersion: z.int().nullable(),
  /** An external holder's lease; runs of ours are held by their instance's heartbeat. */
  leaseUntil: instant.nullable(),
  /** The instance whose run ended it, which may have died before it sent what follows. */
  finishedBy: z.string().nullable(),
  /** The message that it was ended for, which comes again if what follows was not done. */
  finishedFor: z.string().nullable(),
  result: assignmentResult.nullable(),
  /** The model that made a result which was taken over from another task: the calls are that one's. */
  answeredBy: answeringModel.nullable().default(null),
  /** The decision above our authority that its result waits for. */
  approval: z.string().nullable(),
  question: question.nullable(),
  /** How often it has asked for answers or for the work of others. */
  asked: z.int(),
  /** What was said to it since it was planned: answers to its questions, objections to its results. */
  remarks: z.array(remark),
  failure: failure.nullable(),
  /** Tries in a row that came to nothing, and when the next one may start. */
  failedTries: z.int(),
  retryAt: instant.nullable(),
  /** The fault of the last of them, and how many in a row up to it had that one. */
  lastFault: z.strictObject({ fault, times: z.int() }).nullable().default(null),
  /** Every model call made for it, in order: what was spent. */
  calls: z.array(llmCall),
  /** Claims that ended before their holder said what it had asked of a model: calls whose outcome nobody knows, or not yet. */
  lostCalls: z.int(),
  deadlineAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
});
export type Assignment = z.infer<typeof assignment>;

/** `…/artifacts/{assignment}`: the deliverable that the assignment's result names. */
export const artifact = z.object({
  id: assignmentId,
  org: orgId,
  task: taskId,
  kind: artifactKind,
  title: z.string(),
  content: z.string(),
  sha256: z.string(),
  specialist: specialistId,
  epoch: z.int(),
  createdAt: instant,
});
export type Artifact = z.infer<typeof artifact>;

/** An artifact as a list has it: a task may have 200, and each is as large as a document can be. */
export const listedArtifact = artifact.omit({ content: true });
export type ListedArtifact = z.infer<typeof listedArtifact>;

/** The upward message of the specification, with values computed from what happened. */
export const upwardReport = z.object({
  agent: z.literal('backend-coordinator'),
  status: z.enum(['update', 'completed', 'failed', 'canceled', 'rejected']),
  summary: z.string(),
  metrics: z.strictObject({
    api_endpoints: z.int().meta({ description: 'Operations of the API contract that the task made.' }),
    avg_response_time: z.string().meta({
      description: 'The mean response time that was measured of the service; `n/a`: nothing was measured.',
    }),
    security_score: z.string().meta({
      description:
        'By the security gate: `A+` passed without a concern, `A` passed with concerns, `F` failed, `n/a` without evidence.',
    }),
    cost_projection: z.string().meta({
      description:
        'What the deployment plan says that the service costs a month; `n/a` without a plan. What the models cost is in `spend`.',
      examples: ['$61.00/month'],
    }),
  }),
  concerns: z.array(z.string()),
});
export type UpwardReport = z.infer<typeof upwardReport>;

export const spend = z.strictObject({
  llmCalls: z.int(),
  /** Calls that may have been billed without usage on record; no cost is counted for them. */
  unknownCalls: z.int(),
  /** What those of them that are on record may have cost at most: it counts in budgets, on top of the cost. */
  worstCaseNanoUsd: nanoUsd.default(0n),
  tokens: z.int(),
  costNanoUsd: nanoUsd,
});
export type Spend = z.infer<typeof spend>;

/** What an early end left undone. The estimate goes by what the finished assignments cost; null when none had finished. */
export const savings = z.strictObject({
  assignmentsStopped: z.int(),
  assignmentsNotStarted: z.int(),
  estimatedNanoUsd: nanoUsd.nullable(),
});
export type Savings = z.infer<typeof savings>;

/** `…/reports/final`: the upward report of a task that is over. */
export const report = upwardReport.extend({
  org: orgId,
  task: taskId,
  gates: z.array(gateVerdict),
  spend,
  saved: savings.nullable(),
  createdAt: instant,
});
export type Report = z.infer<typeof report>;

/** The stream of the task itself; every other stream carries its assignment's id. */
export const taskStream = 'task';

const eventOf = <T extends string, S extends z.ZodRawShape>(type: T, data: S) =>
  z.object({ type: z.literal(type), data: z.object(data) });

export const taskEventBody = z.discriminatedUnion('type', [
  eventOf(
    'task.submitted',
    task.pick({
      id: true,
      org: true,
      submission: true,
      requestHash: true,
      submittedBy: true,
      deadlineAt: true,
      forkedFrom: true,
      queue: true,
      width: true,
    }).shape,
  ),
  eventOf('task.analyzing', { epoch: z.int(), owner, lostCall: z.boolean() }),
  eventOf('task.analyzed', { analysis, calls: z.array(llmCall) }),
  eventOf('task.planned', {
    origin: planOrigin,
    proposalRejected: z.string().nullable(),
    assignments: z.array(assignmentId),
    width: z.int(),
    calls: z.array(llmCall),
  }),
  eventOf('task.working', {}),
  eventOf('task.waiting', { wait }),
  eventOf('task.wait_over', { id: z.string(), outcome: z.string(), by: z.string() }),
  eventOf('task.paused', { by: z.string() }),
  eventOf('task.resumed', { by: z.string() }),
  eventOf('task.plan_extended', {
    assignments: z.array(assignmentId),
    reason: z.string(),
    /** The findings and measurements that decided it. */
    because: z.array(z.string()),
  }),
  eventOf('task.validating', {}),
  eventOf('task.gates_evaluated', { gates: z.array(gateVerdict) }),
  /** What an analysis spent that came too late: another had begun, or the task was over. */
  eventOf('task.spend_recorded', { epoch: z.int(), calls: z.array(llmCall) }),
  eventOf('task.reporting', {}),
  eventOf('task.completed', { spend }),
  eventOf('task.failed', { failure, spend }),
  eventOf('task.canceled', { by: z.string(), spend }),
  eventOf('task.rejected', { by: z.string(), failure, spend }),
]);
export type TaskEventBody = z.infer<typeof taskEventBody>;

export const assignmentEventBody = z.discriminatedUnion('type', [
  eventOf(
    'assignment.created',
    assignment.pick({
      id: true,
      org: true,
      task: true,
      ordinal: true,
      specialist: true,
      title: true,
      instructions: true,
      author: true,
      artifactKind: true,
      dependsOn: true,
      successors: true,
      last: true,
      round: true,
      supersedes: true,
      priority: true,
      brief: true,
      deadlineAt: true,
      timeoutSeconds: true,
      depth: true,
    }).shape,
  ),
  /** A fork takes over what the other task had achieved: the result is as old as it was there, and by whom it was there. */
  eventOf('assignment.adopted', {
    from: taskId,
    result: assignmentResult,
    finishedAt: instant,
    agentVersion: z.int().nullable(),
    answeredBy: answeringModel.nullable(),
  }),
  eventOf('assignment.rewired', { dependsOn: z.array(assignmentId) }),
  eventOf('assignment.started', {
    epoch: z.int(),
    owner,
    leaseUntil: instant.nullable(),
    /** Version of the role card that it works by. */
    agentVersion: z.int().nullable(),
    lostCall: z.boolean(),
  }),
  eventOf('assignment.lease_renewed', { leaseUntil: instant }),
  eventOf('assignment.artifact_rejected', { repair: z.int(), findings: z.array(finding), calls: z.array(llmCall) }),
  eventOf('assignment.released', {
    failure,
    fault: fault.default('busy'),
    retryAt: instant,
    calls: z.array(llmCall),
  }),
  /** The specialist wants others to do a part first; it comes again when they have. */
  eventOf('assignment.delegated', { dependsOn: z.array(assignmentId), calls: z.array(llmCall) }),
  eventOf('assignment.input_requested', { question, calls: z.array(llmCall) }),
  eventOf('assignment.input_given', { remark }),
  /** What it asked for breaks a guard-rail: it must do without. */
  eventOf('assignment.request_refused', { remark, calls: z.array(llmCall) }),
  /** The result is there and counts once the approval is given. */
  eventOf('assignment.approval_requested', {
    result: assignmentResult,
    approval: z.string(),
    notes,
    calls: z.array(llmCall),
  }),
  eventOf('assignment.sent_back', { remark }),
  eventOf('assignment.paused', {}),
  eventOf('assignment.resumed', {}),
  eventOf('assignment.succeeded', {
    result: assignmentResult,
    successors: z.array(assignmentId),
    notes,
    calls: z.array(llmCall),
  }),
  eventOf('assignment.failed', { failure, calls: z.array(llmCall) }),
  eventOf('assignment.canceled', { lostCall: z.boolean() }),
  /** What a run spent whose result came too late: another had claimed the assignment, or it was cancelled. */
  eventOf('assignment.spend_recorded', { epoch: z.int(), calls: z.array(llmCall) }),
]);
export type AssignmentEventBody = z.infer<typeof assignmentEventBody>;

const envelope = {
  org: orgId,
  task: taskId,
  stream: z.string(),
  /** 0 is the task's own stream, n+1 that of the assignment with ordinal n. */
  lane: z.int().nonnegative(),
  seq: z.int().positive(),
  /** When the author decided; `recordedAt` is the database's own time of the write. */
  at: instant,
  recordedAt: instant,
};

/** `…/events/{stream}.{seq}`: one fact; each stream is gapless and ordered (C4). */
export const event = z.object({ ...envelope, type: z.string(), data: z.record(z.string(), z.unknown()) });
export type Event = z.infer<typeof event>;

/** What an assignment's predecessor made, as its successor's prompt needs it. Large content goes by reference. */
export const assignmentInput = z.strictObject({
  assignment: assignmentId,
  specialist: specialistId,
  kind: artifactKind,
  title: z.string(),
  content: z.string().nullable(),
  /** It is what the service has accepted last, not work of this task. */
  accepted: z.boolean().optional(),
});
export type AssignmentInput = z.infer<typeof assignmentInput>;

/**
 * The downward message on `assignments-<priority>`: the specification's directive, one assignment each, plus the ids, the
 * epoch and the record it was sent from. `revision` makes the claim a conditional write without a read.
 */
export const directive = z.object({
  coordinator: z.literal('backend'),
  directive: z.enum(['implement_service', 'review_service']),
  assignments: z.partialRecord(
    specialistId,
    z.object({
      task: z.string(),
      requirements: z.record(z.string(), z.unknown()),
      format: z.string(),
      deadline: z.iso.datetime(),
    }),
  ),
  org: orgId,
  task: taskId,
  assignment: assignmentId,
  epoch: z.int(),
  revision: z.string(),
  record: assignment,
  inputs: z.array(assignmentInput),
});
export type Directive = z.infer<typeof directive>;

/** The one topic that others publish to. */
export const intakeTopic = 'coordination-tasks';

/** On a dead letter's message that is sent again, the letter's id. */
export const replayedLetterAttribute = 'deadLetter';

/** What arrives there: a submission, its org and its idempotency key. */
export const intakeMessage = submission.extend({
  org: tenantId,
  idempotencyKey: z.string().min(1).max(255).optional(),
});

/** What arrives on `coordination-turns`: an org has room for another task. */
export const turn = z.object({ org: orgId });

export const deadLetterId = z
  .string()
  .max(128)
  .regex(/^(?!__.*__$)[A-Za-z0-9_-]{1,128}$/, 'is not a dead letter id');

/** `orgs/{org}/deadLetters/{id}`: a message that could not be used, with the reason. */
export const deadLetter = z.object({
  id: deadLetterId,
  org: orgId,
  source: z.string(),
  messageId: z.string(),
  payload: z.string(),
  attributes: z.record(z.string(), z.string()),
  reason: z.object({
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  }),
  state: z.enum(['kept', 'replayed', 'discarded']),
  receivedAt: instant,
  replayedAt: instant.nullable(),
  discardedAt: instant.nullable().default(null),
});
export type DeadLetter = z.infer<typeof deadLetter>;
