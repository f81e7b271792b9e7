// The upward report on an org as a whole, on demand and at the intervals that its policy names.
import { addMessage, findMessage, messageIdFor, type MessageDraft } from '../communication/index.ts';
import type { MessageId, UpwardBody } from '../communication/schemas.ts';
import { listEscalations, policyOf } from '../governance/index.ts';
import { isError } from '../platform/errors.ts';
import { commit, storeErrors } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { metricOfDesigns } from './designs.firestore.ts';
import { countTasks, latestReports, type ReportFigures } from './org-figures.firestore.ts';
import { notMeasured, perMonth } from './report.ts';

const sampled = 20;
const dayMs = 24 * 60 * 60 * 1_000;
const maxConcerns = 20;

/**
 * The report as it is now, in the specification's shape. Endpoints and monthly cost are those of the designs that the org's services
 * have accepted last.
 */
export const orgReport = async (org: OrgId, now: Date): Promise<UpwardBody> => {
  const dayAgo = new Date(now.getTime() - dayMs);
  const [working, waiting, completed, failed, endpoints, monthlyUsd, reports, { escalations }] = await Promise.all([
    countTasks(org, 'working'),
    countTasks(org, 'awaiting_approval'),
    countTasks(org, 'completed', dayAgo),
    countTasks(org, 'failed', dayAgo),
    metricOfDesigns(org, 'openapi', 'endpoints'),
    metricOfDesigns(org, 'deployment-plan', 'estimatedMonthlyCostUsd'),
    latestReports(org, sampled),
    listEscalations(org, { pageSize: maxConcerns, state: 'open' }),
  ]);
  return {
    agent: 'backend-coordinator',
    status: 'update',
    summary:
      `${working} tasks at work, ${waiting} waiting for approval; ` +
      `${completed} completed and ${failed} failed within a day`,
    metrics: {
      api_endpoints: endpoints ?? 0,
      avg_response_time: notMeasured,
      security_score: worstScore(reports),
      cost_projection: monthlyUsd === null ? notMeasured : perMonth(monthlyUsd),
    },
    concerns: [
      ...new Set([
        ...escalations.map(({ severity, title }) => `${severity}: ${title}`),
        ...reports.flatMap(({ concerns }) => concerns),
      ]),
    ].slice(0, maxConcerns),
  };
};

const scores = ['F', 'A', 'A+'];

const worstScore = (reports: readonly ReportFigures[]): string => {
  const given = reports.map(({ metrics }) => scores.indexOf(metrics.security_score)).filter((rank) => rank >= 0);
  return given.length === 0 ? 'n/a' : (scores[Math.min(...given)] ?? 'n/a');
};

export interface SentReport {
  readonly message: MessageId;
  readonly report: UpwardBody;
  /** The key had sent it before. */
  readonly replayed: boolean;
}

/** Makes the report and sends it. The same key again makes and sends nothing, and answers with what was sent. */
export const sendOrgReport = async (org: OrgId, key: string, now: Date): Promise<SentReport> => {
  const cause = `org-report:${key}`;
  const message = messageIdFor(org, cause);
  const sent = await sentReport(org, message);
  if (sent) return { message, report: sent, replayed: true };
  const report = await orgReport(org, now);
  const draft: MessageDraft = { org, key: cause, task: null, kind: 'report', body: report };
  try {
    await commit((batch) => addMessage(batch, draft, now));
    return { message, report, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return sendOrgReport(org, key, now);
  }
};

const sentReport = async (org: OrgId, id: MessageId): Promise<UpwardBody | undefined> => {
  const stored = await findMessage(org, id);
  return stored?.value.kind === 'report' ? stored.value.body : undefined;
};

/** Sends the report of the present interval, if the org wants reports and this one was not sent yet. */
export const sendScheduledReport = async (org: OrgId, now: Date): Promise<void> => {
  const { everyMinutes } = (await policyOf(org)).reports;
  if (everyMinutes === null) return;
  const interval = Math.floor(now.getTime() / (everyMinutes * 60_000));
  await sendOrgReport(org, `every ${everyMinutes} minutes, ${interval}`, now);
};
