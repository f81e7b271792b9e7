// Outages of our own operations, as one instance sees them. What it has told it does not tell again; what several instances tell of the
// same cause is one escalation.
import * as logger from 'firebase-functions/logger';
import type { OrgId } from '../../platform/schemas.ts';
import { detectInOperations } from './detect/detect-in-org.ts';
import { outcomeWindow, type OutcomeWindow } from './detect/service-outage.ts';
import { raiseEscalation } from './raise-escalation.ts';

const windowMs = 5 * 60 * 1_000;
/** Orgs beyond it are forgotten, longest unseen first: an instance lives for hours and meets many. */
const maxOrgs = 1_000;
const maxTold = 10_000;

const windows = new Map<OrgId, OutcomeWindow>();
const told = new Set<string>();

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
    ({ key }) => !told.has(`${org} ${key}`),
  );
  if (told.size > maxTold) told.clear();
  for (const alarm of fresh) {
    told.add(`${org} ${alarm.key}`);
    await raiseEscalation(alarm, now).catch((error: unknown) => {
      told.delete(`${org} ${alarm.key}`);
      logger.error('An outage could not be told', { org, operation, error });
    });
  }
};
