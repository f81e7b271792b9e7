import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { locateJars } from './locate.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'locate-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (path: string): string => {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '');
  return full;
};

/** What is found in the test's own folder, whatever this machine has installed. */
const found = (kind: 'firestore' | 'pubsub', env: NodeJS.ProcessEnv) =>
  locateJars(kind, { HOME: root, ...env }).filter((jar) => jar.startsWith(root));

describe('locateJars', () => {
  test('prefers the newest version of the Firebase CLI, by number, to an SDK install', () => {
    const cache = '.cache/firebase/emulators';
    const older = file(`${cache}/cloud-firestore-emulator-v1.9.2.jar`);
    const newer = file(`${cache}/cloud-firestore-emulator-v1.19.10.jar`);
    const sdk = file('google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar');
    expect(found('firestore', {})).toEqual([newer, older, sdk]);
  });

  test('finds the jar inside the folder that the CLI unpacks for Pub/Sub', () => {
    const jar = file('cache/pubsub-emulator-0.8.14/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.14-all.jar');
    expect(found('pubsub', { FIREBASE_EMULATORS_PATH: join(root, 'cache') })).toEqual([jar]);
  });

  test('finds an SDK by its root variable', () => {
    const jar = file('sdk/platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar');
    expect(found('pubsub', { CLOUDSDK_ROOT_DIR: join(root, 'sdk') })).toEqual([jar]);
  });

  test('finds an SDK through the gcloud on PATH, also when it is a link', () => {
    const jar = file('sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar');
    const gcloud = file('sdk/bin/gcloud');
    mkdirSync(join(root, 'bin'));
    symlinkSync(gcloud, join(root, 'bin/gcloud'));
    expect(found('firestore', { PATH: join(root, 'bin') })).toEqual([jar]);
  });

  test('takes only what the override names', () => {
    file('google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar');
    const jar = file('mine.jar');
    expect(found('firestore', { FIRESTORE_EMULATOR_BINARY_PATH: jar })).toEqual([jar]);
  });

  test.each(['.', 'pubsub-emulator', 'pubsub-emulator/bin/cloud-pubsub-emulator'])(
    'accepts %s of the unpacked folder as the override for Pub/Sub',
    (path) => {
      file('pubsub-emulator/bin/cloud-pubsub-emulator');
      const jar = file('pubsub-emulator/lib/cloud-pubsub-emulator-0.8.14-all.jar');
      expect(found('pubsub', { PUBSUB_EMULATOR_BINARY_PATH: join(root, path) })).toEqual([jar]);
    },
  );

  test('an override that names nothing is an error that names the variable', () => {
    expect(() => found('pubsub', { PUBSUB_EMULATOR_BINARY_PATH: join(root, 'gone') })).toThrow(
      /PUBSUB_EMULATOR_BINARY_PATH/,
    );
  });
});
