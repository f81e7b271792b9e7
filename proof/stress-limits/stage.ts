// The suite that the rows run against, with each function in a process of its own as in production, and its callers.
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import { randomUUID } from 'node:crypto';
import { startSuite, type Suite } from '../../local/src/suite.ts';
import { signIn } from '../soak/sign-in.ts';
import type { Measured } from './table.ts';
import { outcomeOfSending, type Answer } from './wire.ts';

/** Half of 512 MiB, as Node itself takes of a container's memory; the rest is for code, buffers and the checking process. */
const heapMiB = 256;

export interface Call {
  readonly token?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface Stage {
  readonly suite: Suite;
  readonly org: string;
  readonly tokens: Readonly<Record<'coordinator' | 'agent' | 'honest', string>>;
  /** Of that many other users of the org. */
  readonly readers: readonly string[];
  readonly call: (path: string, call?: Call) => Promise<Answer>;
  readonly pidOf: (name: Measured) => number;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };
export const agent = 'stress-agent';

const kinds = ['markdown', 'typescript', 'openapi', 'security-rules', 'code-review'] as const;
export type Kind = (typeof kinds)[number];

/** Does what the tasks of the rows plan, so that no model is asked. */
const definition = {
  id: agent,
  kind: 'pull',
  name: 'Stress',
  summary: 'Delivers what is large.',
  skills: ['stress'],
  responsibilities: ['Delivering'],
  produces: kinds,
  limits: { maxConcurrent: 50 },
};

export const openStage = async (onLine: (line: string) => void): Promise<Stage> => {
  const suite = await startSuite({
    ports: anyPorts,
    seed: false,
    isolate: true,
    environment: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
    },
    params: { REQUESTS_PER_MINUTE: '1000000' },
    log: onLine,
  });
  try {
    return await withCallers(suite);
  } catch (error) {
    await suite.stop();
    throw error;
  }
};

const readerCount = 7;

const withCallers = async (suite: Suite): Promise<Stage> => {
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, `stress-${randomUUID()}`);
  const tokenOf = async (uid: string, org: string, role: string) => {
    const email = `${uid}@${org}.example`;
    await getAuth(app).createUser({ uid, email, password: 'local-only' });
    await getAuth(app).setCustomUserClaims(uid, { org, role });
    return signIn(email);
  };
  const org = 'stress';
  const tokens = {
    coordinator: await tokenOf('stress-coordinator', org, 'main-coordinator'),
    agent: await tokenOf(agent, org, 'agent'),
    honest: await tokenOf('honest-member', 'honest', 'member'),
  };
  const readers: string[] = [];
  for (let each = 0; each < readerCount; each += 1) readers.push(await tokenOf(`reader-${each}`, org, 'member'));
  await deleteApp(app);
  const call = async (path: string, { token = tokens.coordinator, method, headers, json }: Call = {}) => {
    const body = json === undefined ? [] : [Buffer.from(JSON.stringify(json))];
    const answer = await outcomeOfSending(`${suite.urls.api}${path}`, {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${token}`,
        ...(json !== undefined && { 'content-type': 'application/json', 'content-length': body[0]?.length }),
        ...headers,
      },
      body,
    });
    return { ...answer, bytes: body[0]?.length ?? 0 };
  };
  const pidOf = (name: Measured) => suite.instances().find(({ functions }) => functions.includes(name))?.pid ?? 0;
  const { outcome, text } = await call('/v1/agents', { json: definition });
  if (outcome !== '201') throw new Error(`The agent could not be registered: ${text}`);
  return { suite, org, tokens, readers, call, pidOf };
};
