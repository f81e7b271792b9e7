// The life of an escalation: open → acknowledged → resolved, and the ladder it climbs while nobody reacts. Pure.
//
// S1. A resolved escalation never changes state again; its cause, seen later than the resolution, opens the next generation.
// S2. A step is climbed at most once, in order, never before it is due, and never after somebody acknowledged or resolved.
// S3. While it is open, and until the default on silence applies, `wakeAt` says when to look next (C1); otherwise it is null.
// S4. `occurrences` counts every signal once, `severity` is the worst that was seen.
import { causeOf, escalationIdFor } from './ids.ts';
import {
  maxEvidence,
  severities,
  type Escalation,
  type HistoryEntry,
  type LadderStep,
  type Person,
  type Severity,
  type Signal,
} from './schemas.ts';
import { ladderFor, triggerTable } from './triggers.ts';

const minuteMs = 60_000;
/** How long the last party told has before the default on silence applies. */
const silenceMinutes = 60;

/** A record to write, and the signals that it counts. */
export interface Counted {
  readonly record: Escalation;
  readonly counted: readonly Signal[];
}

/**
 * What signals of one cause make of its latest escalation: the records to write, the changed one first and the new generation last.
 * A signal from before the resolution is counted there and opens nothing.
 */
export const countSignals = (
  latest: Escalation | undefined,
  signals: readonly Signal[],
  { ladder, now }: { ladder: readonly LadderStep[]; now: Date },
): Counted[] => {
  const resolvedAt = latest?.resolution?.at;
  const isOld = ({ at }: Signal) => latest !== undefined && (resolvedAt === undefined || at <= resolvedAt);
  const inOrder = signals.toSorted((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const old = inOrder.filter(isOld);
  const fresh = inOrder.filter((signal) => !isOld(signal));
  const [first] = fresh;
  return [
    ...(latest && old.length > 0 ? [{ record: seenAgain(latest, old, now), counted: old }] : []),
    ...(first
      ? [{ record: opened(fresh, first, { generation: (latest?.generation ?? 0) + 1, ladder, now }), counted: fresh }]
      : []),
  ];
};

const opened = (
  signals: readonly Signal[],
  first: Signal,
  { generation, ladder, now }: { generation: number; ladder: readonly LadderStep[]; now: Date },
): Escalation => {
  const severity = worst(signals);
  const { org, task, trigger, subject, title, by } = first;
  const steps = ladderFor(trigger, severity, ladder);
  return {
    id: escalationIdFor(causeOf(first), generation),
    org,
    task,
    trigger,
    subject,
    cause: causeOf(first),
    generation,
    severity,
    title,
    evidence: latestEvidence(signals, []),
    occurrences: signals.length,
    lastSeenAt: lastSeen(signals),
    state: 'open',
    ladder: steps,
    step: 0,
    defaultOnSilence: triggerTable[trigger].onSilence,
    lapsedAt: null,
    acknowledgement: null,
    resolution: null,
    history: [{ type: 'raised', at: now, by }],
    createdAt: now,
    wakeAt: dueAt(now, steps, 0),
  };
};

const seenAgain = (before: Escalation, signals: readonly Signal[], now: Date): Escalation => {
  const severity = worst([before, ...signals]);
  return {
    ...before,
    severity,
    evidence: latestEvidence(signals, before.evidence),
    occurrences: before.occurrences + signals.length,
    lastSeenAt: new Date(Math.max(before.lastSeenAt.getTime(), lastSeen(signals).getTime())),
    history: severity === before.severity ? before.history : noted(before, { type: 'worsened', at: now, severity }),
  };
};

const worst = (seen: readonly { severity: Severity }[]): Severity =>
  severities[Math.max(...seen.map(({ severity }) => severities.indexOf(severity)))] ?? 'critical';

const lastSeen = (signals: readonly Signal[]) => new Date(Math.max(...signals.map(({ at }) => at.getTime())));

const latestEvidence = (signals: readonly Signal[], before: Escalation['evidence']): Escalation['evidence'] => {
  const newestFirst = signals.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  const all = [...newestFirst.flatMap(({ evidence }) => evidence), ...before];
  const distinct = new Map(all.map((each) => [`${each.source} ${each.ref} ${each.detail}`, each]));
  return [...distinct.values()].slice(0, maxEvidence);
};

const noted = ({ history }: Escalation, entry: HistoryEntry): HistoryEntry[] => [...history, entry];

/** When the step of that index is due; after the last one, when silence has lasted long enough. */
const dueAt = (raisedAt: Date, ladder: readonly LadderStep[], step: number): Date => {
  const minutes = ladder[step]?.afterMinutes ?? (ladder.at(-1)?.afterMinutes ?? 0) + silenceMinutes;
  return new Date(raisedAt.getTime() + minutes * minuteMs);
};

export interface Climb {
  readonly record: Escalation;
  /** Who is to be told; null when the ladder has ended and the default on silence applies. */
  readonly told: LadderStep['party'] | null;
}

/** The next step when it is due, else undefined (S2). */
export const climb = (before: Escalation, now: Date): Climb | undefined => {
  if (before.state !== 'open' || before.wakeAt === null || before.wakeAt > now) return undefined;
  const told = before.ladder[before.step]?.party ?? null;
  if (told === null) {
    const history = noted(before, { type: 'lapsed', at: now });
    return { record: { ...before, lapsedAt: now, wakeAt: null, history }, told };
  }
  const step = before.step + 1;
  const wakeAt = dueAt(before.createdAt, before.ladder, step);
  return { record: { ...before, step, wakeAt, history: noted(before, { type: 'told', at: now, party: told }) }, told };
};

export interface Reaction {
  readonly by: Person;
  readonly at: Date;
  readonly text: string;
}

/** Somebody has it in hand: the ladder ends. Undefined when it is not open. */
export const acknowledged = (before: Escalation, { by, at, text: comment }: Reaction): Escalation | undefined =>
  before.state === 'open'
    ? {
        ...before,
        state: 'acknowledged',
        acknowledgement: { by, at, comment },
        wakeAt: null,
        history: noted(before, { type: 'acknowledged', at, by, comment }),
      }
    : undefined;

/** It is over. Undefined when it was before. */
export const resolved = (before: Escalation, { by, at, text: resolution }: Reaction): Escalation | undefined =>
  before.state === 'resolved'
    ? undefined
    : {
        ...before,
        state: 'resolved',
        resolution: { by, at, resolution },
        wakeAt: null,
        history: noted(before, { type: 'resolved', at, by, resolution }),
      };
