// firestore.rules against the emulator, in a project of its own as rule coverage is counted by project: who may do what to
// every collection, and that nothing in the rules was left untried.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  initializeTestEnvironment,
  type RulesTestContext,
  type RulesTestEnvironment,
  type TokenOptions,
} from '@firebase/rules-unit-testing';
import {
  collection,
  collectionGroup,
  deleteDoc,
  doc,
  documentId,
  getDocFromServer,
  getDocsFromServer,
  query,
  setDoc,
  setLogLevel,
  updateDoc,
  where,
  type Firestore,
} from 'firebase/firestore';
import { z } from 'zod';
import { roles, unroutedOrg, type Role } from '../../src/platform/schemas.ts';
import { randomOrg } from './harness.ts';

const org = randomOrg();
const otherOrg = randomOrg();
const projectId = `demo-${org}`;

const operations = ['get', 'list', 'create', 'update', 'delete'] as const;
type Operation = (typeof operations)[number];

/** Who asks: the claims of an ID token, or `signedOut`. `role` is set for those whom the rules may let read. */
interface Caller {
  readonly who: string;
  readonly claims: TokenOptions | 'signedOut';
  readonly role?: Role;
}

const callers: readonly Caller[] = [
  ...roles.map((role) => ({ who: `${role} of the org`, claims: { org, role }, role })),
  ...roles.map((role) => ({ who: `${role} of another org`, claims: { org: otherOrg, role } })),
  { who: 'unknown role of the org', claims: { org, role: 'guest' } },
  { who: 'list of roles of the org', claims: { org, role: [...roles] } },
  { who: 'role without an org', claims: { role: 'operator' } },
  { who: 'org without a role', claims: { org } },
  { who: 'signed in without claims', claims: {} },
  { who: 'signed out', claims: 'signedOut' },
];

/** A collection, the id of a record in it, and the roles of the org that may get that record and list them all. */
interface Place {
  readonly path: string;
  readonly id: string;
  readonly get: readonly Role[];
  readonly list: readonly Role[];
}

const readBy = (readers: readonly Role[], path: string): Place => ({ path, id: 'known', get: readers, list: readers });

const members: readonly Role[] = ['main-coordinator', 'operator', 'member'];
const leads: readonly Role[] = ['main-coordinator', 'operator'];
const nobody: readonly Role[] = [];
const home = `orgs/${org}`;

const places: readonly Place[] = [
  { path: 'orgs', id: org, get: members, list: nobody },
  readBy(members, `${home}/members`),
  readBy(leads, `${home}/agents`),
  readBy(members, `${home}/tasks`),
  readBy(members, `${home}/tasks/known/assignments`),
  readBy(members, `${home}/tasks/known/events`),
  readBy(members, `${home}/tasks/known/artifacts`),
  readBy(members, `${home}/tasks/known/scratchpad`),
  readBy(members, `${home}/tasks/known/padSections`),
  readBy(members, `${home}/tasks/known/padSections/known/padRevisions`),
  readBy(members, `${home}/tasks/known/reports`),
  readBy(members, `${home}/tasks/known/effects`),
  readBy(members, `${home}/designs`),
  readBy(members, `${home}/tasks/known/attestations`),
  readBy(members, `${home}/attestations`),
  readBy(members, `${home}/schedules`),
  readBy(members, `${home}/scheduleRuns`),
  readBy(members, `${home}/approvals`),
  readBy(leads, `${home}/attestationKeys`),
  readBy(leads, `${home}/policy`),
  readBy(leads, `${home}/policyChanges`),
  readBy(leads, `${home}/escalations`),
  readBy(nobody, `${home}/escalationSignals`),
  readBy(nobody, `${home}/escalationOccurrences`),
  readBy(leads, `${home}/deadLetters`),
  readBy(leads, `${home}/messages`),
  readBy(leads, `${home}/webhooks`),
  readBy(leads, `${home}/deliveries`),
  readBy(nobody, `${home}/webhookSecrets`),
  readBy(nobody, `${home}/agentSecrets`),
  readBy(nobody, `${home}/agentHealth`),
  readBy(nobody, `${home}/offers`),
  readBy(nobody, 'instances'),
  readBy(nobody, 'cancellations'),
  readBy(nobody, 'service'),
  readBy(nobody, 'unheardOf'),
  readBy(nobody, `${home}/unheardOf`),
  readBy(nobody, `${home}/tasks/known/unheardOf`),
  readBy(nobody, `${home}/tasks/known/events/known/unheardOf`),
];

const groups = [...new Set(places.map(({ path }) => path.split('/').at(-1) ?? path))];

// Declared with the older client's type, but made for the functions of this one.
const databaseFor = (context: RulesTestContext) => context.firestore() as unknown as Firestore;

let environment: RulesTestEnvironment;
const databases = new Map<Caller, Firestore>();

beforeAll(async () => {
  // The client warns of every denial, and most answers here are denials.
  setLogLevel('error');
  const rules = await readFile(new URL('../../../firestore.rules', import.meta.url), 'utf8');
  environment = await initializeTestEnvironment({ projectId, firestore: { rules } });
  await environment.withSecurityRulesDisabled(async (context) => {
    const database = databaseFor(context);
    await Promise.all(places.map(({ path, id }) => setDoc(doc(database, path, id), { org })));
  });
  for (const caller of callers) {
    const context =
      caller.claims === 'signedOut'
        ? environment.unauthenticatedContext()
        : environment.authenticatedContext('caller', caller.claims);
    databases.set(caller, databaseFor(context));
  }
});

afterAll(() => environment.cleanup());

const databaseOf = (caller: Caller): Firestore => {
  const database = databases.get(caller);
  if (!database) throw new Error(`${caller.who} is not signed in yet.`);
  return database;
};

/** Whether the rules let a request pass; a request that failed for any other reason is an error of the test. */
const decision = async (request: Promise<unknown>): Promise<'allowed' | 'denied'> => {
  try {
    await request;
    return 'allowed';
  } catch (error) {
    if ((error as { code?: unknown }).code === 'permission-denied') return 'denied';
    throw error;
  }
};

const requests: Record<Operation, (database: Firestore, place: Place) => Promise<unknown>> = {
  get: (database, { path, id }) => getDocFromServer(doc(database, path, id)),
  list: (database, { path }) => getDocsFromServer(collection(database, path)),
  create: (database, { path }) => setDoc(doc(collection(database, path)), { org }),
  update: (database, { path, id }) => updateDoc(doc(database, path, id), { org: otherOrg }),
  delete: (database, { path, id }) => deleteDoc(doc(database, path, id)),
};

const decisions = async (database: Firestore, place: Place) =>
  Object.fromEntries(
    await Promise.all(
      operations.map(async (operation) => [operation, await decision(requests[operation](database, place))] as const),
    ),
  );

const isOf = (caller: Caller, readers: readonly Role[]) => caller.role !== undefined && readers.includes(caller.role);

const promise = (caller: Caller, { get, list }: Place): string => {
  if (isOf(caller, list)) return 'may get and list, never write,';
  return isOf(caller, get) ? 'may get, never list or write,' : 'may neither read nor write';
};

describe.each(callers)('$who', (caller) => {
  const named = places.map((place) => ({
    place,
    promise: promise(caller, place),
    name: place.path.replace(org, '{org}').replaceAll('known', '{id}'),
  }));

  test.each(named)('$promise $name', async ({ place }) => {
    await expect(decisions(databaseOf(caller), place)).resolves.toEqual({
      get: isOf(caller, place.get) ? 'allowed' : 'denied',
      list: isOf(caller, place.list) ? 'allowed' : 'denied',
      create: 'denied',
      update: 'denied',
      delete: 'denied',
    });
  });

  test('may not query collections across orgs, not even for records of the own org', async () => {
    const database = databaseOf(caller);
    const queries = groups
      .map((group) => collectionGroup(database, group))
      .flatMap((group) => [group, query(group, where('org', '==', org))]);
    const answers = await Promise.all(queries.map((asked) => decision(getDocsFromServer(asked))));
    expect(answers).toEqual(queries.map(() => 'denied'));
  });
});

test('an org cannot be found by a query that names it', async () => {
  const answers = await Promise.all(
    callers.map((caller) =>
      decision(getDocsFromServer(query(collection(databaseOf(caller), 'orgs'), where(documentId(), '==', org)))),
    ),
  );
  expect(answers).toEqual(callers.map(() => 'denied'));
});

test('another org cannot tell a record that exists from one that does not', async () => {
  const outsiders = callers.filter((caller) => caller.role === undefined);
  const missing = places.map((place) => ({ ...place, id: 'missing' }));
  const answers = await Promise.all(
    outsiders.flatMap((caller) => missing.map((place) => decision(requests.get(databaseOf(caller), place)))),
  );
  expect(answers).toEqual(answers.map(() => 'denied'));
});

test('messages that name no org are read by operators of the whole service alone', async () => {
  const letters = `orgs/${unroutedOrg}/deadLetters`;
  await environment.withSecurityRulesDisabled((context) =>
    setDoc(doc(databaseFor(context), letters, 'known'), { org: unroutedOrg }),
  );
  const claimed = [undefined, false, 'true', true].map((serviceOperator) => ({
    org: unroutedOrg,
    role: 'operator',
    ...(serviceOperator !== undefined && { serviceOperator }),
  }));
  const databasesOf = claimed.map((claims) => databaseFor(environment.authenticatedContext('operator-1', claims)));
  const answers = await Promise.all(
    databasesOf.flatMap((database) => [
      decision(getDocFromServer(doc(database, letters, 'known'))),
      decision(getDocsFromServer(collection(database, letters))),
    ]),
  );
  expect(answers).toEqual([...Array<string>(6).fill('denied'), 'allowed', 'allowed']);
});

/** A node of the emulator's coverage report; one that was never evaluated has no values. */
interface Expression {
  readonly sourcePosition: { readonly line: number; readonly column: number };
  readonly values: readonly { readonly value: { readonly boolValue?: boolean | undefined } }[];
  readonly children: readonly Expression[];
}

const expression: z.ZodType<Expression> = z.lazy(() =>
  z.object({
    sourcePosition: z.object({ line: z.int(), column: z.int() }),
    values: z.array(z.object({ value: z.object({ boolValue: z.boolean().optional() }) })).default([]),
    children: z.array(expression).default([]),
  }),
);

const withChildren = (node: Expression): Expression[] => [node, ...node.children.flatMap(withChildren)];

/** What the condition has not yet been, e.g. `12:16 was never true`; operands that are no conditions only need a value. */
const untried = ({ sourcePosition: { line, column }, values }: Expression): string[] => {
  if (values.length === 0) return [`${line}:${column} was never evaluated`];
  const seen = new Set(values.map(({ value }) => value.boolValue));
  if (!seen.has(true) && !seen.has(false)) return [];
  return [true, false].filter((value) => !seen.has(value)).map((value) => `${line}:${column} was never ${value}`);
};

// Counts what the tests above asked, so it comes last.
test('every condition of the rules was tried both ways', async () => {
  const host = process.env['FIRESTORE_EMULATOR_HOST'] ?? '';
  const response = await fetch(`http://${host}/emulator/v1/projects/${projectId}:ruleCoverage`);
  const { report } = z.object({ report: z.array(expression).min(1) }).parse(await response.json());
  expect(report.flatMap(withChildren).flatMap(untried)).toEqual([]);
});
