// The fuzzer: starts a suite of its own and sends it what its OpenAPI document allows, and what it does not.
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import { randomUUID } from 'node:crypto';
import { startSuite, type Suite } from '../../local/src/suite.ts';
import { seededRandom } from '../crash-sweep/points.ts';
import { signIn } from '../soak/sign-in.ts';
import { operationsOf, readDocument } from './document.ts';
import { emptyKnown } from './known.ts';
import { negative, positive, stateful, type Fuzz } from './phases.ts';
import { requestsFor } from './request.ts';
import type { Client } from './send.ts';
import { emptyTally, type Report } from './tally.ts';
import { validatorOf } from './validate.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  readonly onLine?: (line: string) => void;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };
const org = 'fuzz';
const agent = 'fuzz-agent';

const open = (onLine: (line: string) => void): Promise<Suite> =>
  startSuite({
    ports: anyPorts,
    seed: false,
    instances: 1,
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    params: { REQUESTS_PER_MINUTE: '1000000' },
    log: onLine,
  });

/** Callers with a role each; what only agents may do is asked for by one that is registered. */
const clientOf = async (suite: Suite): Promise<Client> => {
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, `fuzz-${randomUUID()}`);
  const tokenOf = async (uid: string, role: string) => {
    const email = `${uid}@${org}.example`;
    await getAuth(app).createUser({ uid, email, password: 'local-only' });
    await getAuth(app).setCustomUserClaims(uid, { org, role });
    return signIn(email);
  };
  const coordinator = await tokenOf('fuzz-coordinator', 'main-coordinator');
  // Nobody decides on what they asked for.
  const byTag = new Map([
    ['External agents', await tokenOf(agent, 'agent')],
    ['Approvals', await tokenOf('fuzz-operator', 'operator')],
  ]);
  await deleteApp(app);
  return {
    fetch: (path, init) => fetch(`${suite.urls.api}${path}`, init),
    tokenFor: ({ operation }) => Promise.resolve(byTag.get(operation.tag) ?? coordinator),
  };
};

const definition = {
  id: agent,
  kind: 'pull',
  name: 'Fuzzer',
  summary: 'Asks for work.',
  skills: ['fuzzing'],
  responsibilities: ['Asking'],
  produces: ['markdown'],
};

const registerAgent = async ({ known, operations, client }: Fuzz): Promise<void> => {
  const register = operations.find(({ id }) => id === 'registerAgent');
  if (!register) throw new Error('The document has no operation that registers an agent.');
  const token = await client.tokenFor({ operation: register, path: {}, query: {}, headers: {} });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { status } = await client.fetch(register.path, { method: 'POST', headers, body: JSON.stringify(definition) });
  if (status !== 201) throw new Error(`The agent could not be registered: ${status}.`);
  known.add([{ operation: 'claimWork', arguments: { agent } }]);
};

const prepare = async (suite: Suite, seed: number): Promise<Fuzz> => {
  const client = await clientOf(suite);
  const document = readDocument(await (await client.fetch('/openapi.json', {})).json());
  const [validate, random, operations] = [validatorOf(document), seededRandom(seed), operationsOf(document)];
  return {
    operations,
    requests: requestsFor(document, validate, random),
    known: emptyKnown(),
    tally: emptyTally(operations.map(({ id }) => id)),
    validate,
    client,
    random,
  };
};

export const runFuzz = async ({ seed, requests, onLine = () => undefined }: FuzzOptions): Promise<Report> => {
  const suite = await open(onLine);
  try {
    const fuzz = await prepare(suite, seed);
    await registerAgent(fuzz);
    const startedAt = Date.now();
    const each = Math.ceil(requests / 3);
    await positive(fuzz, each);
    await negative(fuzz, each);
    await stateful(fuzz, each);
    const { operations, findings } = fuzz.tally;
    return { seed, seconds: Math.round((Date.now() - startedAt) / 1_000), operations, findings };
  } finally {
    await suite.stop();
  }
};
