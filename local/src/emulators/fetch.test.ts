import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fetchJars } from './fetch.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fetch-'));
  mkdirSync(join(root, 'cache'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Puts a shell script on PATH in place of a command. */
const command = (name: string, script: string) => {
  writeFileSync(join(root, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, name), 0o755);
};
const java = (version: string) => command('java', `echo 'openjdk version "${version}" 2025-01-21' >&2`);

const env = () => ({ PATH: root, HOME: root, FIREBASE_EMULATORS_PATH: join(root, 'cache') });

test('fetches with the Firebase CLI, which is told that no one can answer it', async () => {
  java('21.0.2');
  command('npx', 'echo "$CI $*" > "$FIREBASE_EMULATORS_PATH/cloud-firestore-emulator-v1.20.0.jar"');
  const [best] = await fetchJars('firestore', env());
  expect(best).toBe(join(root, 'cache/cloud-firestore-emulator-v1.20.0.jar'));
});

test.each([
  ['Java 17', () => java('17.0.1')],
  ['Java 8', () => java('1.8.0_402')],
  ['no Java', () => undefined],
])('with %s, which the CLI refuses, says what to install', async (found, prepare) => {
  prepare();
  await expect(fetchJars('pubsub', env())).rejects.toMatchObject({
    message: expect.stringContaining(`needs Java 21 (found ${found})`),
    whatToDo: expect.stringContaining('gcloud components install pubsub-emulator'),
  });
});

test('shows what the CLI said when it could not fetch', async () => {
  java('21');
  command('npx', 'echo "no network" >&2; exit 1');
  await expect(fetchJars('firestore', env())).rejects.toThrow(/could not be fetched.\nno network/);
});
