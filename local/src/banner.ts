// What `npm start` prints when everything is ready.
import type { Suite } from './suite.ts';

const exampleTask = {
  title: 'Add an endpoint for extracting metadata from documents',
  category: 'api-design',
  priority: 'high',
};

/** The overview for people; the curl line works as it stands. */
export const banner = ({ project, urls, tokens, answersFrom, pids, org }: Suite): string => {
  const { firestore, pubsub, instances } = pids();
  const rows: [string, string, string][] = [
    ['API', urls.api, ''],
    ['functions', urls.functions, `pid ${instances.map(({ pid }) => pid).join(', ')}`],
    ['schedules', `POST ${urls.host}/schedules/<name>`, ''],
    ['Firestore', urls.firestore, processOf(firestore)],
    ['Pub/Sub', urls.pubsub, processOf(pubsub)],
    ['auth', urls.auth, ''],
    ['models', urls.llm ?? '', answersFrom],
  ];
  const width = Math.max(...rows.map(([, url]) => url.length));
  return [
    '',
    `Backend Coordinator runs locally as project ${project}.`,
    '',
    ...rows.map(([name, url, note]) => `  ${name.padEnd(10)} ${url.padEnd(width)}  ${note}`.trimEnd()),
    '',
    `A token of the main coordinator of the org ${org}, valid for an hour:`,
    '',
    tokens['main-coordinator'],
    '',
    'Submit a task:',
    '',
    curl(urls.api, tokens['main-coordinator']),
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
};

const processOf = (pid: number | undefined) => (pid === undefined ? 'not started here' : `pid ${pid}`);

const curl = (api: string, token: string) =>
  [
    `curl -X POST ${api}/v1/tasks`,
    `-H 'authorization: Bearer ${token}'`,
    `-H 'content-type: application/json'`,
    `-H "idempotency-key: $(date +%s)"`,
    `-d '${JSON.stringify(exampleTask)}'`,
  ].join(' ');

/** The same for programs: one line of JSON. */
export const summary = ({ project, org, urls, env, tokens, pids, answersFrom }: Suite): string => {
  const { firestore, pubsub, instances } = pids();
  const running = { firestore, pubsub, instances: instances.map(({ pid, functions }) => ({ pid, functions })) };
  return JSON.stringify({ project, org, urls, env, tokens, pids: running, answersFrom });
};
