// Outages of our own operations, as one instance sees them. What it has told it does not tell again for a while; what several instances
// tell of the same cause is one escalation.
import * as logger from 'firebase-functions/logger';
import { describeError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { detectInOperations } from './detect/detect-in-org.ts';
import { outcomeWindow, type OutcomeWindow } from './detect/service-outage.ts';
import { raiseEscalation } from './raise-escalation.ts';
import type { EscalationDraft } from './schemas.ts';

const windowMs = 5 * 60 * 1_000;
/** Orgs beyond it are forgotten, longest unseen first: an instance lives for hours and meets many. */
const maxOrgs = 1_000;
const maxSeen = 10_000;
const maxUntold = 1_000;

export interface Answered {
  readonly org: OrgId;
  readonly operation: string;
  readonly failed: boolean;
}

export type NoteAnswer = (answered: Answered, now: Date) => Promise<void> | undefined;

/** What one instance counts, and what it has told by `raise`. */
export const operationsWatch = (raise: (alarm: EscalationDraft, now: Date) => Promise<unknown>): NoteAnswer => {
  const windows = windowsByOrg();
  /** When each alarm was seen last, in milliseconds: it may have been resolved since, and then it is one more outage. */
  const seen = new Map<string, number>();
  /** What could not be put on record, as it may be the database that is out. */
  const untold = new Map<string, EscalationDraft>();
  let telling: Promise<void> | undefined;

  const remember = (alarm: EscalationDraft, nowMs: number) => {
    const key = `${alarm.org} ${alarm.key}`;
    if (nowMs - (seen.get(key) ?? -Infinity) < windowMs) return;
    if (seen.size > maxSeen) seen.clear();
    seen.set(key, nowMs);
    if (untold.size < maxUntold) untold.set(key, alarm);
  };
  const tellEach = async (now: Date) => {
    for (const [key, alarm] of untold) {
      await raise(alarm, now);
      untold.delete(key);
    }
  };
  // One at a time: while the database is out, each would wait as long as the one before.
  const tell = (now: Date) =>
    (telling ??= tellEach(now)
      .catch(couldNotTell)
      .finally(() => {
        telling = undefined;
      }));

  return ({ org, operation, failed }, now) => {
    const window = windows(org);
    window.observe(operation, failed, now.getTime());
    const alarms = failed ? detectInOperations(org, window.counts(now.getTime()), now) : [];
    for (const alarm of alarms) remember(alarm, now.getTime());
    return untold.size > 0 ? tell(now) : undefined;
  };
};

const windowsByOrg = () => {
  const windows = new Map<OrgId, OutcomeWindow>();
  return (org: OrgId): OutcomeWindow => {
    const window = windows.get(org) ?? outcomeWindow(windowMs);
    windows.delete(org);
    windows.set(org, window);
    const [oldest] = windows.keys();
    if (windows.size > maxOrgs && oldest) windows.delete(oldest);
    return window;
  };
};

const couldNotTell = (error: unknown): void =>
  logger.error('An outage could not be told', { cause: describeError(error) });

/**
 * Counts an answer. When there is an outage to tell of, resolves once that is on record, or could not be put there. What cannot be put on record now is tried again with
 * the next answer, whatever that is: an outage of the database is told of as soon as it is over. Never fails.
 */
export const noteAnswer: NoteAnswer = operationsWatch(raiseEscalation);
