// What must be known now by somebody above us: its causes, how bad it is, who is told when, and what became of it. A leaf.
import { z } from 'zod';
import { filledText, instant, orgId, role } from '../../platform/schemas.ts';
import { escalationParty } from '../policy/schemas.ts';

const triggers = [
  'security-vulnerability',
  'data-loss-risk',
  'service-outage',
  'cost-overrun',
  'breaking-api-change',
  'compliance',
  'third-party-failure',
  'scalability-limit',
] as const;
export const trigger = z.enum(triggers);
export type Trigger = z.infer<typeof trigger>;

/** From the mildest to the worst. */
export const severities = ['low', 'medium', 'high', 'critical'] as const;
export const severity = z.enum(severities);
export type Severity = z.infer<typeof severity>;

export const escalationId = z.string().regex(/^esc_[a-f0-9]{20}_\d{1,6}$/, 'is not an escalation id');
export type EscalationId = z.infer<typeof escalationId>;

const escalatedTask = z.string().regex(/^tsk_[a-z0-9]{20}$/, 'is not a task id');

/** One fact that supports an escalation, and the record that it was read off. */
export const escalationEvidence = z.strictObject({
  source: z.enum(['artifact', 'spend', 'calls', 'agents', 'operations', 'attestation', 'person']),
  /** The id of an artifact, a provider, an operation …; with a JSON pointer after `#` where the fact has a place in it. */
  ref: filledText(400),
  detail: filledText(400),
});
export type EscalationEvidence = z.infer<typeof escalationEvidence>;

export const maxEvidence = 20;

export const maxHistory = 50;

const person = z.strictObject({ uid: z.string(), role });
export type Person = z.infer<typeof person>;

/** What a detector or a person has to say. */
export const escalationDraft = z.strictObject({
  org: orgId,
  task: escalatedTask.nullable(),
  trigger,
  severity,
  title: filledText(200),
  /** Names the cause: what has the same trigger and subject is one escalation, however often it happens. */
  subject: z.string().min(1).max(400),
  /** Names this occurrence: the same key again is the same occurrence and counts once. */
  key: z.string().min(1).max(1_000),
  evidence: z.array(escalationEvidence).max(maxEvidence),
  /** Null when a detector says it. */
  by: person.nullable(),
  /** When what it rests on happened; left out: now. */
  seenAt: instant.optional(),
});
export type EscalationDraft = z.infer<typeof escalationDraft>;

/** `orgs/{org}/escalationSignals/{id}`: a draft that waits to be counted; gone once it has been. */
export const signal = escalationDraft.omit({ seenAt: true }).extend({
  id: z.string(),
  cause: z.string(),
  fingerprint: z.string(),
  at: instant,
});
export type Signal = z.infer<typeof signal>;

/** `orgs/{org}/escalationOccurrences/{id}`: a signal that was counted, and for which escalation it was counted last. */
export const occurrence = signal
  .pick({ id: true, org: true, fingerprint: true, severity: true, evidence: true, by: true, at: true })
  .extend({ escalation: escalationId });
export type Occurrence = z.infer<typeof occurrence>;

export const historyEntry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('raised'), at: instant, by: person.nullable() }),
  z.strictObject({ type: z.literal('told'), at: instant, party: escalationParty }),
  z.strictObject({ type: z.literal('worsened'), at: instant, severity }),
  z.strictObject({ type: z.literal('reopened'), at: instant, by: person.nullable() }),
  z.strictObject({ type: z.literal('lapsed'), at: instant }),
  z.strictObject({ type: z.literal('acknowledged'), at: instant, by: person, comment: z.string() }),
  z.strictObject({ type: z.literal('resolved'), at: instant, by: person, resolution: z.string() }),
]);
export type HistoryEntry = z.infer<typeof historyEntry>;

export const escalationState = z.enum(['open', 'acknowledged', 'resolved']);
export type EscalationState = z.infer<typeof escalationState>;

const ladderStep = z.strictObject({ party: escalationParty, afterMinutes: z.int().min(0) });
export type LadderStep = z.infer<typeof ladderStep>;

/** What becomes of the task when nobody reacts: the work goes on, or it stops. */
export const silence = z.enum(['continue', 'stop']);
export type Silence = z.infer<typeof silence>;

/** `orgs/{org}/escalations/{id}`. A cause that comes back after it was resolved is a new record of the next generation. */
export const escalation = z.object({
  id: escalationId,
  org: orgId,
  task: escalatedTask.nullable(),
  trigger,
  subject: z.string(),
  cause: z.string(),
  generation: z.int().positive(),
  /** The worst that was seen. */
  severity,
  title: z.string(),
  /** The latest of it, newest first. */
  evidence: z.array(escalationEvidence).max(maxEvidence),
  occurrences: z.int().positive(),
  lastSeenAt: instant,
  state: escalationState,
  ladder: z.array(ladderStep).min(1),
  /** What the minutes of the ladder count from, once it has begun anew; null: from `createdAt`. */
  ladderFrom: instant.nullable().default(null),
  /** How many steps of the ladder were climbed: how many parties were told. */
  step: z.int().nonnegative(),
  defaultOnSilence: silence,
  /** When the silence after the last step had lasted long enough for the default. */
  lapsedAt: instant.nullable(),
  acknowledgement: z.strictObject({ by: person, at: instant, comment: z.string() }).nullable(),
  resolution: z.strictObject({ by: person, at: instant, resolution: z.string() }).nullable(),
  /** How it was raised, and the latest of what happened since. */
  history: z.array(historyEntry).max(maxHistory),
  createdAt: instant,
  /** When the next step, or the default on silence, is due; null when nothing is. */
  wakeAt: instant.nullable(),
});
export type Escalation = z.infer<typeof escalation>;
