// What other coordinators are told about a task, in the specification's shapes. Pure.
import type { MessageDraft } from '../communication/index.ts';
import type { UpwardBody } from '../communication/schemas.ts';
import type { DesignNews } from './design-news.ts';
import type { Artifact, Report, Task, Wait } from './schemas.ts';
import { cutText } from '../platform/cut-text.ts';

/** The report of a task that is over. */
export const reportMessage = ({ org, task, agent, status, summary, metrics, concerns }: Report): MessageDraft => ({
  org,
  key: `report:${task}:final`,
  task,
  subject: `tasks/${task}/report`,
  kind: 'report',
  body: { agent, status, summary, metrics, concerns },
});

const noFigures: UpwardBody['metrics'] = {};

/** What a task waits for, to whoever is above. A request for approval speaks for itself. */
export const waitMessage = ({ org, id, submission }: Task, wait: Wait): MessageDraft => ({
  org,
  key: `wait:${id}:${wait.id}:${wait.deadlineAt.getTime()}`,
  task: id,
  subject: `tasks/${id}`,
  kind: 'report',
  body: {
    agent: 'backend-coordinator',
    status: 'update',
    summary: `${submission.title}: waits for ${wait.kind === 'input' ? 'an answer' : 'evidence'} from ${wait.party}`,
    metrics: noFigures,
    concerns: [wait.reason, `Without an answer by ${wait.deadlineAt.toISOString()}: ${wait.onSilence}.`],
  },
});

/** The report upward, and what the coordinators beside us need of what was made. */
export const messagesOnCompletion = (
  report: Report,
  artifacts: readonly Artifact[],
  news: DesignNews,
): MessageDraft[] => [reportMessage(report), ...artifacts.flatMap((artifact) => lateral(report, artifact, news))];

const maxListed = 100;
/** Less than a field of a lateral message holds. */
const maxListChars = 10_000;
/** So that as many endpoints as are listed fit into one message. */
const maxEndpointChars = 500;

const migrationOf = (breaking: readonly string[]): string =>
  breaking.length === 0
    ? 'Backward compatible'
    : `Breaking: ${cutText(breaking.slice(0, maxListed).join('; '), maxListChars)}`;

const from = 'backend-coordinator' as const;

const lateral = (report: Report, artifact: Artifact, news: DesignNews): MessageDraft[] => {
  if (artifact.kind === 'openapi') return [apiUpdate(report, artifact, news), testRequest(report, artifact)];
  return artifact.kind === 'deployment-plan' ? [deploymentReady(report, artifact)] : [];
};

const envelopeOf = ({ org, task }: Report, { id }: Artifact, type: string) => ({
  org,
  task,
  key: `${type}:${task}:${id}`,
  subject: `tasks/${task}/artifacts/${id}`,
  kind: 'lateral' as const,
});

const madeIn = ({ id, title, sha256 }: Artifact) => ({ artifact: id, title, sha256 });

const apiUpdate = (report: Report, artifact: Artifact, { endpoints, breaking, compared }: DesignNews): MessageDraft => {
  const listed = endpoints.slice(0, maxListed).map((each) => cutText(each, maxEndpointChars));
  return {
    ...envelopeOf(report, artifact, 'api_update'),
    body: {
      from,
      to: 'frontend-coordinator',
      type: 'api_update',
      content: {
        ...madeIn(artifact),
        endpoint: listed[0] ?? '',
        endpoints: listed,
        changes: report.summary,
        types: `OpenAPI 3.1, sha256 ${artifact.sha256}`,
        migration: compared ? migrationOf(breaking) : 'First contract of the service',
      },
    },
  };
};

const testRequest = (report: Report, artifact: Artifact): MessageDraft => ({
  ...envelopeOf(report, artifact, 'test_request'),
  body: {
    from,
    to: 'quality-coordinator',
    type: 'test_request',
    content: {
      ...madeIn(artifact),
      gates: report.gates.filter(({ status }) => status === 'no_evidence').map(({ gate }) => gate),
    },
  },
});

const deploymentReady = (report: Report, artifact: Artifact): MessageDraft => ({
  ...envelopeOf(report, artifact, 'deployment_ready'),
  body: {
    from,
    to: 'devops-coordinator',
    type: 'deployment_ready',
    content: { ...madeIn(artifact), summary: report.summary },
  },
});
