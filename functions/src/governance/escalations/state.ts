// The life of an escalation: open → acknowledged → resolved, and the ladder it climbs while nobody reacts. Pure.
//
// S1. A resolved escalation never changes state again; its cause, seen later than the resolution, opens the next generation.
// S2. A step is climbed at most once, in order, never before it is due, and never after somebody acknowledged or resolved.
// S3. While it is open, and until the default on silence applies, `wakeAt` says when to look next (C1); otherwise it is null.
// S4. `occurrences` counts every signal once, `severity` is the worst that was seen.
// S5. Silence is not for ever. One that lapsed is open again with its next occurrence, one that was acknowledged when it is worse,
//     and either when a person raises it: a new ladder begins. One that gets worse while its ladder is climbed climbs the rest of
//     the ladder of its severity, never later than before.
import { causeOf, escalationIdFor } from './ids.ts';
import {
  maxEvidence,
  maxHistory,
  severities,
  type Escalation,
  type HistoryEntry,
  type LadderStep,
  type Occurrence,
  type Person,
  type Severity,
  type Signal,
} from './schemas.ts';
import { ladderFor, triggerTable } from './triggers.ts';

const minuteMs = 60_000;
/** How long the last party told has before the default on silence applies. */
const silenceMinutes = 60;

/**
 * Whether a signal is to be counted that may have been counted before: what a person said under a key counts once for ever, what a
 * detector sees once in each generation.
 */
export const isNews = (signal: Signal, before: Occurrence | undefined, latest: Escalation | undefined): boolean => {
  if (!before) return true;
  if (signal.by !== null) return false;
  return before.escalation !== latest?.id || isAfterResolution(signal, latest);
};

const isAfterResolution = ({ at }: Signal, { resolution }: Escalation) => resolution !== null && at > resolution.at;

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
  { ladder, now }: Rules,
): Counted[] => {
  const isOld = (signal: Signal) => latest !== undefined && !isAfterResolution(signal, latest);
  const inOrder = signals.toSorted((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const old = inOrder.filter(isOld);
  const fresh = inOrder.filter((signal) => !isOld(signal));
  const [first] = fresh;
  return [
    ...(latest && old.length > 0 ? [{ record: seenAgain(latest, old, { ladder, now }), counted: old }] : []),
    ...(first
      ? [{ record: opened(fresh, first, { generation: (latest?.generation ?? 0) + 1, ladder, now }), counted: fresh }]
      : []),
  ];
};

const opened = (
  signals: readonly Signal[],
  first: Signal,
  { generation, ladder, now }: Rules & { generation: number },
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
    ladderFrom: null,
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

const seenAgain = (before: Escalation, signals: readonly Signal[], { ladder, now }: Rules): Escalation => {
  const severity = worst([before, ...signals]);
  const worsened = severity !== before.severity;
  const seen: Escalation = {
    ...before,
    severity,
    evidence: latestEvidence(signals, before.evidence),
    occurrences: before.occurrences + signals.length,
    lastSeenAt: new Date(Math.max(before.lastSeenAt.getTime(), lastSeen(signals).getTime())),
    history: worsened ? noted(before, { type: 'worsened', at: now, severity }) : before.history,
  };
  const by = signals.find((signal) => signal.by !== null)?.by ?? null;
  if (isSilent(before)) return worsened || by || before.state === 'open' ? reopened(seen, by, { ladder, now }) : seen;
  return worsened && before.state === 'open' ? hurried(seen) : seen;
};

interface Rules {
  readonly ladder: readonly LadderStep[];
  readonly now: Date;
}

/** Nobody is told of it any more, though it is not over. */
const isSilent = ({ state, lapsedAt }: Escalation): boolean =>
  state === 'acknowledged' || (state === 'open' && lapsedAt !== null);

/** S5: a new ladder. */
const reopened = (before: Escalation, by: Person | null, { ladder, now }: Rules): Escalation => {
  const steps = ladderFor(before.trigger, before.severity, ladder);
  return {
    ...before,
    state: 'open',
    acknowledgement: null,
    lapsedAt: null,
    ladder: steps,
    ladderFrom: now,
    step: 0,
    wakeAt: dueAt(now, steps, 0),
    history: noted(before, { type: 'reopened', at: now, by }),
  };
};

/** S5: what is left of its ladder, as if it had been that bad from the start. Who was told is not told again. */
const hurried = (before: Escalation): Escalation => {
  const { trigger, severity, ladder, step, wakeAt } = before;
  const climbed = ladder.slice(0, step);
  const whole = ladderFor(trigger, severity, ladder);
  const told = whole.length < ladder.length ? climbed.filter(({ party }) => party !== 'peer').length : step;
  const steps = [...climbed, ...whole.slice(told)];
  return { ...before, ladder: steps, wakeAt: step < steps.length ? dueAt(begunAt(before), steps, step) : wakeAt };
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

/** How it was raised, and the latest of what happened since: what lapses and is seen again may go on for ever. */
const noted = ({ history }: Escalation, entry: HistoryEntry): HistoryEntry[] => {
  const [raised, ...since] = history;
  return raised ? [raised, ...since.slice(2 - maxHistory), entry] : [entry];
};

/** When its present ladder began. */
const begunAt = ({ ladderFrom, createdAt }: Escalation): Date => ladderFrom ?? createdAt;

/** When the step of that index is due. */
const dueAt = (begunAt: Date, ladder: readonly LadderStep[], step: number): Date =>
  after(begunAt, ladder[step]?.afterMinutes ?? 0);

const after = (from: Date, minutes: number): Date => new Date(from.getTime() + minutes * minuteMs);

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
  // Silence counts from when the last party was really told, which may be later than it was due.
  const isLast = step >= before.ladder.length;
  const wakeAt = isLast ? after(now, silenceMinutes) : dueAt(begunAt(before), before.ladder, step);
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
