// Regenerates emulator-data, with which a local start begins, from local/seeds and the role cards. The layout is the Firebase
// CLI's, so that `firebase emulators:start --import=emulator-data` takes it as well. The Firestore part is binary and made by
// the official emulator, which stamps the time of the export into its metadata: it is replaced only when the documents have
// changed.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Firestore } from 'firebase-admin/firestore';
import { z } from 'zod';
import { roleCards, type RoleCard } from '../../functions/src/agents/index.ts';
import { idPattern, instant, role } from '../../functions/src/platform/schemas.ts';
import { fakeHash, providersOf, type AuthAccount } from './auth/index.ts';
import { startFirestoreEmulator, withPort, type Emulator } from './emulators/index.ts';
import { SuiteError } from './errors.ts';

export const projectId = 'demo-backend-coordinator';

const org = z.strictObject({ id: z.string().regex(idPattern), name: z.string(), createdAt: instant });
const person = z.strictObject({
  uid: z.string().regex(idPattern),
  org: z.string().regex(idPattern),
  role,
  email: z.email(),
  password: z.string().min(6),
});

/** What the registry of agents tells of a specialist; how it is prompted stays with the functions. */
const registryEntry = ({ id, name, kind, version, summary, skills, produces }: RoleCard) => ({
  id,
  name,
  kind,
  version,
  summary,
  skills,
  produces,
});

export interface Seeds {
  readonly orgs: readonly z.infer<typeof org>[];
  readonly people: readonly z.infer<typeof person>[];
  /** The same in every org. */
  readonly agents: readonly ReturnType<typeof registryEntry>[];
}

const root = path.resolve(import.meta.dirname, '../..');

/** Reads the seeds, and the agents from the functions; throws ZodError when a seed does not fit. */
export const readSeeds = async (): Promise<Seeds> => {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(root, 'local', 'seeds', name), 'utf8'));
  return {
    orgs: z.array(org).parse(await read('orgs.json')),
    people: z.array(person).parse(await read('people.json')),
    agents: Object.values(roleCards).map(registryEntry),
  };
};

/** The Firestore documents by path. */
export const documentsOf = ({ orgs, people, agents }: Seeds): ReadonlyMap<string, object> =>
  new Map<string, object>([
    ...orgs.map((each) => [`orgs/${each.id}`, each] as const),
    ...people.map(({ password: _, ...member }) => [`orgs/${member.org}/members/${member.uid}`, member] as const),
    ...orgs.flatMap(({ id }) => agents.map((each) => [`orgs/${id}/agents/${each.id}`, each] as const)),
  ]);

/** The people as accounts of the auth export. */
export const accountsOf = ({ orgs, people }: Seeds): AuthAccount[] =>
  people.map(({ uid, email, password, ...claims }) => {
    const since = orgs.find(({ id }) => id === claims.org)?.createdAt ?? new Date(0);
    const salt = `fakeSalt-${uid}`;
    return {
      localId: uid,
      email,
      emailVerified: true,
      disabled: false,
      salt,
      passwordHash: fakeHash(password, salt),
      passwordUpdatedAt: since.getTime(),
      validSince: String(since.getTime() / 1000),
      createdAt: String(since.getTime()),
      customAttributes: JSON.stringify(claims),
    };
  });

// The CLI notes here which versions wrote an export, and reads only the paths.
const layoutVersion = '15.0.0';
const firestoreExport = 'firestore_export';
const metadata = {
  version: layoutVersion,
  firestore: {
    version: layoutVersion,
    path: firestoreExport,
    metadata_file: `${firestoreExport}/${firestoreExport}.overall_export_metadata`,
  },
  auth: { version: layoutVersion, path: 'auth_export' },
};
const authConfig = {
  signIn: { allowDuplicateEmails: false },
  emailPrivacyConfig: { enableImprovedEmailPrivacy: false },
};

type EmulatorAddress = Pick<Emulator, 'host' | 'port'>;

/** Writes the export into `directory`, which may hold an earlier one; the emulator loses what it held. */
export const writeEmulatorData = async (directory: string, seeds: Seeds, emulator: EmulatorAddress): Promise<void> => {
  const users = accountsOf(seeds).map((account) => ({ ...account, providerUserInfo: providersOf(account) }));
  await mkdir(path.join(directory, 'auth_export'), { recursive: true });
  await writeJson(path.join(directory, 'firebase-export-metadata.json'), metadata);
  await writeJson(path.join(directory, 'auth_export', 'config.json'), authConfig);
  await writeJson(path.join(directory, 'auth_export', 'accounts.json'), {
    kind: 'identitytoolkit#DownloadAccountResponse',
    users,
  });
  const scratch = await mkdtemp(path.join(tmpdir(), 'seed-'));
  try {
    await exportDocuments(scratch, documentsOf(seeds), emulator);
    await replaceIfChanged(path.join(scratch, firestoreExport), path.join(directory, firestoreExport));
  } finally {
    await rm(scratch, { recursive: true });
  }
};

const writeJson = (file: string, value: unknown) => writeFile(file, `${JSON.stringify(value, null, 2)}\n`);

const database = `projects/${projectId}/databases/(default)`;

const exportDocuments = async (
  directory: string,
  documents: ReadonlyMap<string, object>,
  { host, port }: EmulatorAddress,
): Promise<void> => {
  const base = `http://${host}:${port}/emulator/v1`;
  await succeed(fetch(`${base}/${database}/documents`, { method: 'DELETE' }));
  await writeDocuments(new Firestore({ projectId, host, port, ssl: false }), documents);
  await succeed(
    fetch(`${base}/projects/${projectId}:export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ database, export_directory: directory, export_name: firestoreExport }),
    }),
  );
};

const succeed = async (request: Promise<Response>): Promise<void> => {
  const response = await request;
  const text = await response.text();
  if (!response.ok) throw new Error(`The Firestore emulator answered ${response.status}: ${text}`);
};

const writeDocuments = async (client: Firestore, documents: ReadonlyMap<string, object>): Promise<void> => {
  const batch = client.batch();
  for (const [document, fields] of documents) batch.set(client.doc(document), fields);
  await batch.commit();
  await client.terminate();
};

// Entities are in these files; the third one holds the time of the export.
const lastingFiles = ['firestore_export.overall_export_metadata', 'all_namespaces/all_kinds/output-0'];

const replaceIfChanged = async (made: string, kept: string): Promise<void> => {
  if (isDeepStrictEqual(await contents(made), await contents(kept))) return;
  await rm(kept, { recursive: true, force: true });
  await cp(made, kept, { recursive: true });
};

const contents = (folder: string) =>
  Promise.all(lastingFiles.map((file) => readFile(path.join(folder, file)).catch(() => undefined)));

const main = async (): Promise<void> => {
  // The Firestore client would else search the network for the credentials of a Google machine.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  const host = '127.0.0.1';
  const emulator = await withPort({ host, preferred: 0, explicit: false }, (port) =>
    startFirestoreEmulator({ host, port }),
  );
  try {
    await writeEmulatorData(path.join(root, 'emulator-data'), await readSeeds(), emulator);
  } finally {
    await emulator.stop();
  }
};

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    process.stderr.write(`${error.message}\n${error.whatToDo}\n`);
    process.exitCode = 1;
  }
}
