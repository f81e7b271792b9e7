// What other coordinators are told about a task, in the specification's shapes. Pure.
import type { MessageDraft } from '../communication/index.ts';
import type { UpwardBody } from '../communication/schemas.ts';
import type { DesignNews } from './design-news.ts';
import type { Artifact, Report, Task, Wait } from './schemas.ts';

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

const migrationOf = (breaking: readonly string[]): string =>
  breaking.length === 0 ? 'Backward compatible' : `Breaking: ${breaking.slice(0, maxListed).join('; ')}`;

const lateral = (report: Report, artifact: Artifact, { endpoints, breaking, compared }: DesignNews): MessageDraft[] => {
  const { org, task } = report;
  const envelope = { org, task, subject: `tasks/${task}/artifacts/${artifact.id}`, kind: 'lateral' as const };
  const from = 'backend-coordinator' as const;
  const made = { artifact: artifact.id, title: artifact.title, sha256: artifact.sha256 };
  switch (artifact.kind) {
    case 'openapi':
      return [
        {
          ...envelope,
          key: `api_update:${task}:${artifact.id}`,
          body: {
            from,
            to: 'frontend-coordinator',
            type: 'api_update',
            content: {
              ...made,
              endpoint: endpoints[0] ?? '',
              endpoints: endpoints.slice(0, maxListed),
              changes: report.summary,
              types: `OpenAPI 3.1, sha256 ${artifact.sha256}`,
              migration: compared ? migrationOf(breaking) : 'First contract of the service',
            },
          },
        },
        {
          ...envelope,
          key: `test_request:${task}:${artifact.id}`,
          body: {
            from,
            to: 'quality-coordinator',
            type: 'test_request',
            content: {
              ...made,
              gates: report.gates.filter(({ status }) => status === 'no_evidence').map(({ gate }) => gate),
            },
          },
        },
      ];
    case 'deployment-plan':
      return [
        {
          ...envelope,
          key: `deployment_ready:${task}:${artifact.id}`,
          body: {
            from,
            to: 'devops-coordinator',
            type: 'deployment_ready',
            content: { ...made, summary: report.summary },
          },
        },
      ];
    default:
      return [];
  }
};
