// A run of seeded tasks with natural models: they think, decide, object, ask and err. The suite is one's own and is spoken to over HTTP.
import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import { natural } from '../../local/src/llm/character.ts';
import { startSuite, type Suite } from '../../local/src/suite.ts';
import { signIn } from '../soak/sign-in.ts';
import type { Account } from './account.ts';
import { callersOf, seeThrough, type Callers } from './caller.ts';
import type { NaturalReport } from './report.ts';
import { ordersOf } from './task-plan.ts';

export interface NaturalOptions {
  readonly tasks: number;
  readonly seed: number;
  /** Orders under way at a time. */
  readonly inFlight: number;
  readonly onLine?: (line: string) => void;
  /** Receives each account when its task is over. */
  readonly onTask?: (account: Account) => void;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };
const org = 'natural';

const open = ({ seed, onLine = () => undefined }: NaturalOptions): Promise<Suite> =>
  startSuite({
    ports: anyPorts,
    seed: false,
    instances: 2,
    character: JSON.stringify({ ...natural, seed }),
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    params: { REQUESTS_PER_MINUTE: '1000000' },
    log: onLine,
  });

const callersTo = async (suite: Suite): Promise<Callers> => {
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, `natural-${randomUUID()}`);
  const tokenOf = async (uid: string) => {
    const email = `${uid}@${org}.example`;
    await getAuth(app).createUser({ uid, email, password: 'local-only' });
    await getAuth(app).setCustomUserClaims(uid, { org, role: 'main-coordinator' });
    return signIn(email);
  };
  const tokens = { submitter: await tokenOf('natural-submitter'), approver: await tokenOf('natural-approver') };
  await deleteApp(app);
  return callersOf(suite.urls.api, tokens);
};

const drive = async (callers: Callers, { tasks, seed, inFlight, onTask }: NaturalOptions): Promise<Account[]> => {
  const accounts: Account[] = [];
  const orders = ordersOf(seed, tasks).values();
  const work = async () => {
    for (const order of orders)
      for (const task of order) {
        const account = await seeThrough(callers, task, `natural-${seed}`);
        accounts.push(account);
        onTask?.(account);
      }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return accounts.toSorted((a, b) => a.index - b.index);
};

export const runNatural = async (options: NaturalOptions): Promise<NaturalReport> => {
  const suite = await open(options);
  try {
    const callers = await callersTo(suite);
    const startedAt = performance.now();
    const accounts = await drive(callers, options);
    return { seed: options.seed, seconds: (performance.now() - startedAt) / 1_000, accounts };
  } finally {
    await suite.stop();
  }
};
