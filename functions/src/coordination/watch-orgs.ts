// Looks at every org that has work under way, or had some since the last look, for what somebody above must know: money, load,
// backups, failing providers. What was told before is not told again: an escalation is known by its cause.
import * as logger from 'firebase-functions/logger';
import { detectInCalls, detectInOrg, policyOf, raiseEach } from '../governance/index.ts';
import { describeError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { callsSince, countRunning, lastBackupTest, orgsToWatch, spentSince } from './org-figures.firestore.ts';
import { sendScheduledReport } from './org-report.ts';

const windowMs = 15 * 60 * 1_000;
/** Twice the time between two looks: one that fails loses nothing. */
const lookBackMs = 10 * 60 * 1_000;

const orgsAtOnce = 10;

export const watchAllOrgs = async (now: Date): Promise<void> => {
  const orgs = orgsToWatch(new Date(now.getTime() - lookBackMs));
  const work = async () => {
    for await (const org of orgs) await lookAt(org, now);
  };
  await Promise.all(Array.from({ length: orgsAtOnce }, work));
};

/** What fails for one org, or in one of the two looks, holds up nothing else. */
const lookAt = async (org: OrgId, now: Date): Promise<void> => {
  await watchOrg(org, now).catch((error: unknown) => {
    logger.error('An org could not be looked at', { org, cause: describeError(error) });
  });
  await sendScheduledReport(org, now).catch((error: unknown) => {
    logger.error('The report of an org could not be sent', { org, cause: describeError(error) });
  });
};

const watchOrg = async (org: OrgId, now: Date): Promise<void> => {
  const since = new Date(now.getTime() - windowMs);
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const [policy, monthSpentNanoUsd, runningAssignments, lastBackupTestAt, calls] = await Promise.all([
    policyOf(org),
    spentSince(org, month),
    countRunning(org),
    lastBackupTest(org),
    callsSince(org, since),
  ]);
  const alarms = [
    ...detectInOrg({ org, now, policy, monthSpentNanoUsd, runningAssignments, lastBackupTestAt }),
    ...detectInCalls(org, calls),
  ];
  await raiseEach(alarms, now);
};
