// The records as callers see them. What only concerns us stays out: leases, revisions, hashes, the org they already know.
import { z } from '@hono/zod-openapi';
import { wire } from '../../platform/http/wire.ts';
import type { Scratchpad } from '../../scratchpads/index.ts';
import { gateVerdict } from '../../governance/schemas.ts';
import { llmCall } from '../../llm/schemas.ts';
import {
  analysis,
  assignment,
  assignmentEventBody,
  deadLetter,
  event,
  failure,
  listedArtifact,
  remark,
  report,
  savings,
  spend,
  submitter,
  task,
  taskEventBody,
  wait,
  type Artifact,
  type Assignment,
  type DeadLetter,
  type Event,
  type ListedArtifact,
  type Report,
  type Task,
} from '../schemas.ts';

const time = z.iso.datetime();
const money = z
  .string()
  .regex(/^-?\d+$/)
  .openapi({ description: 'Integer nano-USD.', example: '4210000' });

const callView = llmCall
  .extend({
    costNanoUsd: money.nullable(),
    worstCaseNanoUsd: money.optional().openapi({
      description:
        'Only of a call that nobody knows the end of: what it may have cost at most. It counts in the budget, and not as a cost.',
      example: '480000000',
    }),
    startedAt: time,
  })
  .openapi('ModelCall');
const spendView = spend.extend({ costNanoUsd: money, worstCaseNanoUsd: money }).openapi('Spend');

const waitView = wait.extend({ deadlineAt: time, retryAt: time.nullish() }).openapi('Wait');

export const taskView = z
  .object({
    id: task.shape.id,
    state: task.shape.state,
    waits: z.array(waitView).openapi({ description: 'Whom it waits for, until when, and what silence means.' }),
    forkedFrom: task.shape.forkedFrom,
    submission: task.shape.submission,
    submittedBy: submitter,
    analysis: analysis.nullable(),
    plan: task.shape.plan,
    failure: failure.nullable(),
    calls: z.array(callView).openapi({
      description: 'The model calls of analysis and planning; those of the work are with the assignments.',
    }),
    createdAt: time,
    updatedAt: time,
    deadlineAt: time,
  })
  .openapi('Task');

export const viewTask = ({ id, state, waits, forkedFrom, submission, submittedBy, analysis, plan, ...rest }: Task) => {
  const { failure, calls, createdAt, updatedAt, deadlineAt } = rest;
  const story = { submission, submittedBy, forkedFrom, analysis, plan, waits, failure, calls };
  return wire({ id, state, ...story, createdAt, updatedAt, deadlineAt });
};

const bookkeeping = {
  org: true,
  task: true,
  successors: true,
  last: true,
  brief: true,
  seq: true,
  epoch: true,
  owner: true,
  leaseUntil: true,
  finishedBy: true,
  finishedFor: true,
  lastFault: true,
} as const;

export const assignmentView = assignment
  .omit(bookkeeping)
  .extend({
    failure: failure.nullable(),
    question: assignment.shape.question.unwrap().extend({ deadlineAt: time }).nullable(),
    remarks: z.array(remark.extend({ at: time })),
    retryAt: time.nullable(),
    calls: z.array(callView),
    deadlineAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .openapi('Assignment');

export const viewAssignment = ({
  org: _org,
  task: _task,
  successors: _successors,
  last: _last,
  brief: _brief,
  seq: _seq,
  epoch: _epoch,
  owner: _owner,
  leaseUntil: _leaseUntil,
  finishedBy: _finishedBy,
  finishedFor: _finishedFor,
  lastFault: _lastFault,
  ...shown
}: Assignment) => wire(shown);

export const artifactSummary = listedArtifact
  .omit({ org: true, task: true, epoch: true })
  .extend({ createdAt: time })
  .openapi('ArtifactSummary');

export const artifactView = artifactSummary.extend({ content: z.string() }).openapi('Artifact');

export const viewArtifact = ({ org: _org, task: _task, epoch: _epoch, ...shown }: Artifact) => wire(shown);

export const summarizeArtifact = ({ org: _org, task: _task, epoch: _epoch, ...shown }: ListedArtifact) => wire(shown);

const savingsView = savings.extend({ estimatedNanoUsd: money.nullable() }).openapi('Savings');

const gateView = gateVerdict.extend({
  evidence: z.array(gateVerdict.shape.evidence.element.extend({ at: time })),
});

export const reportView = report
  .omit({ org: true })
  .extend({ spend: spendView, saved: savingsView.nullable(), gates: z.array(gateView), createdAt: time })
  .openapi('Report');

export const viewReport = ({ org: _org, ...shown }: Report) => wire(shown);

export const scratchpadView = z
  .object({
    title: z.string(),
    status: z.string(),
    coordinator: z.string(),
    archived: z.boolean(),
    related: z.array(z.string()),
    relatedTasks: z.array(z.object({ task: z.string(), title: z.string() })),
    sections: z.object({
      serviceArchitecture: z.object({ service: z.string(), dependencies: z.string(), dataFlow: z.string() }),
      teamAssignments: z.array(z.object({ name: z.string(), work: z.string() })),
      apiContracts: z.object({
        endpoints: z.string(),
        authentication: z.string(),
        rateLimits: z.string(),
        slas: z.string(),
      }),
      progressTracking: z.array(z.object({ item: z.string(), done: z.boolean() })),
    }),
    checklist: z
      .array(z.object({ id: z.string(), item: z.string(), tickedBy: z.string().nullable() }))
      .openapi({ description: 'Items of your own; they follow the seven of `progressTracking`.' }),
    custom: z
      .array(z.object({ id: z.string(), title: z.string(), text: z.string() }))
      .openapi({ description: 'Sections of your own.' }),
    etags: z.record(z.string(), z.string()).openapi({
      description: 'The `ETag` of each section that can be edited: send it back as `If-Match`.',
      example: { serviceArchitecture: '"3"', apiContracts: '"0"', checklist: '"1"' },
    }),
    markdown: z.string(),
  })
  .openapi('Scratchpad');

export const viewScratchpad = ({ numbers, ...page }: Scratchpad & { markdown: string }) => {
  const etags = Object.fromEntries(Object.entries(numbers).map(([section, number]) => [section, `"${number}"`]));
  return wire({ ...page, etags });
};

export const eventView = event
  .pick({ type: true, stream: true, seq: true, data: true })
  .extend({
    cursor: z
      .string()
      .openapi({ description: 'Come back with it, as `pageToken` or `Last-Event-ID`, to continue after this event.' }),
    at: time,
    recordedAt: time,
  })
  .openapi('Event');

export type TaskEvent = z.infer<typeof eventView>;

// A reader of events knows the task from the path; who leases what is our affair.
const internal = new Set(['org', 'task', 'owner', 'leaseUntil', 'requestHash']);

const eventBody = z.discriminatedUnion('type', [taskEventBody, assignmentEventBody]);

export const viewEvent = ({ event, cursor }: { event: Event; cursor: string }) => {
  const { type, stream, seq, at, recordedAt } = event;
  const { data } = eventBody.parse({ type, data: event.data });
  const shown: Record<string, unknown> = Object.fromEntries(
    Object.entries(data).filter(([name]) => !internal.has(name)),
  );
  return wire({ cursor, type, stream, seq, at, recordedAt, data: shown });
};

export const deadLetterView = deadLetter
  .omit({ org: true })
  .extend({ receivedAt: time, replayedAt: time.nullable(), discardedAt: time.nullable() })
  .openapi('DeadLetter');

export const viewDeadLetter = ({ org: _org, ...shown }: DeadLetter) => wire(shown);
