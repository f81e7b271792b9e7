// What the demo reads of a task's events, as the API sends them. Other fields and other types of event are left aside, so that a
// newer service can still be watched.
import { z } from 'zod';
import {
  analysis,
  assignment,
  assignmentResult,
  failure,
  planOrigin,
  spend,
  wait,
} from '../../../functions/src/coordination/schemas.ts';
import { finding } from '../../../functions/src/artifacts/schemas.ts';
import { gateVerdict } from '../../../functions/src/governance/schemas.ts';
import { llmCall } from '../../../functions/src/llm/schemas.ts';
import { instant } from '../../../functions/src/platform/schemas.ts';
import { notes } from '../../../functions/src/scratchpads/schemas.ts';

const gate = gateVerdict
  .pick({ gate: true, title: true, status: true })
  .extend({ evidence: z.array(gateVerdict.shape.evidence.element.pick({ ref: true, decides: true }).strip()) })
  .strip();
export type Gate = z.infer<typeof gate>;

const calls = z.array(llmCall.pick({ outcome: true, usage: true, costNanoUsd: true }).strip());
export type Calls = z.infer<typeof calls>;

const eventOf = <T extends string, S extends z.ZodRawShape>(type: T, data: S) =>
  z.object({ type: z.literal(type), stream: z.string(), at: instant, data: z.object(data) });

const { id, specialist, title, artifactKind, dependsOn, round } = assignment.shape;
export const shownSpend = spend.omit({ worstCaseNanoUsd: true }).strip();
const ending = { spend: shownSpend };
const failing = { failure: failure.strip() };

export const watchedEvent = z.discriminatedUnion('type', [
  eventOf('task.submitted', { submission: z.object({ title: z.string() }) }),
  eventOf('task.analyzing', {}),
  eventOf('task.analyzed', { analysis: analysis.strip(), calls }),
  eventOf('task.planned', {
    origin: planOrigin,
    proposalRejected: z.string().nullable(),
    assignments: z.array(id),
    calls,
  }),
  eventOf('task.working', {}),
  eventOf('task.waiting', { wait: wait.pick({ id: true, kind: true, assignment: true, reason: true }).strip() }),
  eventOf('task.plan_extended', {
    assignments: z.array(id),
    reason: z.string(),
    because: z.array(z.string()).default([]),
  }),
  eventOf('task.gates_evaluated', { gates: z.array(gate) }),
  eventOf('task.completed', ending),
  eventOf('task.failed', { ...failing, ...ending }),
  eventOf('task.canceled', { by: z.string(), ...ending }),
  eventOf('assignment.created', { id, specialist, title, artifactKind, dependsOn, round }),
  eventOf('assignment.rewired', { dependsOn }),
  eventOf('assignment.started', { epoch: z.int(), lostCall: z.boolean() }),
  eventOf('assignment.artifact_rejected', { repair: z.int(), findings: z.array(finding.strip()), calls }),
  eventOf('assignment.released', { ...failing, calls }),
  eventOf('assignment.succeeded', { result: assignmentResult.strip(), notes, calls }),
  eventOf('assignment.input_requested', { question: z.object({ text: z.string() }), calls }),
  eventOf('assignment.input_given', {}),
  eventOf('assignment.approval_requested', { result: assignmentResult.strip(), notes, calls }),
  eventOf('assignment.failed', { ...failing, calls }),
  eventOf('assignment.canceled', {}),
  eventOf('assignment.spend_recorded', { calls }),
]);
export type WatchedEvent = z.infer<typeof watchedEvent>;

const known: ReadonlySet<string> = new Set(watchedEvent.options.map(({ shape }) => shape.type.value));

/** The event as far as the demo reads it; undefined for a type it does not know. Throws ZodError when a known one does not fit. */
export const readEvent = (event: { readonly type: string }): WatchedEvent | undefined =>
  known.has(event.type) ? watchedEvent.parse(event) : undefined;
