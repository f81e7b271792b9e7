// Outages of our own operations, as one instance sees them. What it has told it does not tell again for a while; what several instances
// tell of the same cause is one escalation.
import * as logger from 'firebase-functions/logger';
import { describeError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { detectInOperations } from './detect/detect-in-org.ts';
import { outcomeWindow, type OutcomeWindow } from './detect/service-outage.ts';
import { raiseEscalation } from './raise-escalation.ts';

const windowMs = 5 * 60 * 1_000;
/** Orgs beyond it are forgotten, longest unseen first: an instance lives for hours and meets many. */
const maxOrgs = 1_000;
const maxTold = 10_000;

const windows = new Map<OrgId, OutcomeWindow>();
/** When each alarm was told last, in milliseconds: it may have been resolved since, and then it is one more outage. */
const told = new Map<string, number>();

const windowOf = (org: OrgId): OutcomeWindow => {
  const window = windows.get(org) ?? outcomeWindow(windowMs);
  windows.delete(org);
  windows.set(org, window);
  const [oldest] = windows.keys();
  if (windows.size > maxOrgs && oldest) windows.delete(oldest);
  return window;
};

export interface Answered {
  readonly org: OrgId;
  readonly operation: string;
  readonly failed: boolean;
}

/** Counts an answer; when an operation fails too often, resolves once that is on record. Never fails. */
export const noteAnswer = async ({ org, operation, failed }: Answered, now: Date): Promise<void> => {
  const window = windowOf(org);
  window.observe(operation, failed, now.getTime());
  if (!failed) return;
  const fresh = detectInOperations(org, window.counts(now.getTime()), now).filter(
    ({ key }) => now.getTime() - (told.get(`${org} ${key}`) ?? -Infinity) >= windowMs,
  );
  if (told.size > maxTold) told.clear();
  for (const alarm of fresh) {
    told.set(`${org} ${alarm.key}`, now.getTime());
    await raiseEscalation(alarm, now).catch((error: unknown) => {
      told.delete(`${org} ${alarm.key}`);
      logger.error('An outage could not be told', { org, operation, cause: describeError(error) });
    });
  }
};
