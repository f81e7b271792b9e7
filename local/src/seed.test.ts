import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { initializeApp } from 'firebase/app';
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword } from 'firebase/auth';
import { Firestore, Timestamp } from 'firebase-admin/firestore';
import { roles } from '../../functions/src/platform/schemas.ts';
import { startAuth } from './auth/index.ts';
import { startFirestoreEmulator, withPort, type Emulator } from './emulators/index.ts';
import { readSeedData } from './seed-data.ts';
import { documentsOf, projectId, readSeeds, writeEmulatorData, type Seeds } from './seed.ts';

const host = '127.0.0.1';
const committed = path.resolve(import.meta.dirname, '../../emulator-data');

const exportedDocuments = 'firestore_export/all_namespaces/all_kinds/output-0';

const read = (directory: string, file: string) => readFile(path.join(directory, file), 'latin1');

/** The content of each file below the directory, by its path. */
const readAll = async (directory: string): Promise<Record<string, string>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const names = files.map((file) => path.relative(directory, file));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(directory, name)] as const)));
};

describe('the seeds', () => {
  test('have one person for each role in the demo org, and an org besides from which it must be hidden', async () => {
    const { orgs, people, agents } = await readSeeds();
    expect(orgs.map(({ id }) => id)).toEqual(['demo', 'other']);
    expect(people.filter(({ org }) => org === 'demo').map(({ role }) => role)).toEqual(roles);
    expect(people.some(({ org }) => org === 'other')).toBe(true);
    expect(new Set(people.map(({ uid }) => uid)).size).toBe(people.length);
    expect(agents).toHaveLength(9);
  });
});

describe('emulator-data', () => {
  let seeds: Seeds;
  let emulator: Emulator;
  let database: Firestore;
  beforeAll(async () => {
    seeds = await readSeeds();
    const { firestoreExport } = await readSeedData(committed);
    emulator = await withPort({ host, preferred: 0, explicit: false }, (port) =>
      startFirestoreEmulator({ host, port, seedFromExport: String(firestoreExport) }),
    );
    database = new Firestore({ projectId, host, port: emulator.port, ssl: false });
  }, 60_000);
  afterAll(async () => {
    await database.terminate();
    await emulator.stop();
  });

  test('shows the documents of the seeds, and no others, to firebase-admin', async () => {
    const collections = ['orgs', 'members', 'agents'].map((id) => database.collectionGroup(id).get());
    const stored = (await Promise.all(collections)).flatMap(({ docs }) => docs);
    const plain = stored.map((document) => [document.ref.path, withDates(document.data())] as const);
    expect(new Map(plain.toSorted())).toEqual(new Map([...documentsOf(seeds)].toSorted()));
  }, 30_000);

  test('lets each person sign in with the password of the seeds and gives the claims', async () => {
    const { accounts } = await readSeedData(committed);
    const server = await startAuth({ host, port: 0, projectId, accounts });
    const client = getAuth(initializeApp({ apiKey: 'any', projectId }));
    connectAuthEmulator(client, `http://${host}:${server.port}`, { disableWarnings: true });
    for (const { uid, email, password, org, role } of seeds.people) {
      const { user } = await signInWithEmailAndPassword(client, email, password);
      expect((await user.getIdTokenResult()).claims).toMatchObject({ sub: uid, org, role });
    }
    await server.stop();
  });

  test('regenerated, changes no file unless the seeds have changed', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'seed-test-'));
    const renamed = { ...seeds, orgs: seeds.orgs.map((org) => ({ ...org, name: 'Renamed' })) };
    await writeEmulatorData(directory, renamed, emulator);
    expect(await read(directory, exportedDocuments)).toContain('Renamed');
    await writeEmulatorData(directory, seeds, emulator);
    const first = await readAll(directory);
    expect(await read(directory, exportedDocuments)).not.toContain('Renamed');
    expect(Object.keys(first).toSorted()).toEqual(Object.keys(await readAll(committed)).toSorted());
    await writeEmulatorData(directory, seeds, emulator);
    expect(await readAll(directory)).toEqual(first);
    await rm(directory, { recursive: true });
  }, 30_000);
});

const withDates = (fields: object) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Timestamp ? value.toDate() : value,
    ]),
  );
