// Jest's globalSetup: starts the official emulators once for all emulator suites and tells the workers where they are, in the
// variables that the SDKs read. An emulator that such a variable names already is used as it is. Should jest be killed before
// its teardown, the emulators end with it.
import {
  startFirestoreEmulator,
  startPubsubEmulator,
  withPort,
  type Emulator,
} from '../../../local/src/emulators/index.ts';
import { running } from './running.ts';

const host = '127.0.0.1';

const start = async (variable: string, launch: (port: number) => Promise<Emulator>): Promise<void> => {
  if (process.env[variable]) return;
  const emulator = await withPort({ host, preferred: 0, explicit: false, flag: '' }, launch);
  process.env[variable] = `${host}:${emulator.port}`;
  running.set(variable, emulator);
};

export default async (): Promise<void> => {
  // The SDKs would look for the credentials of a cloud machine, which this is not.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  await Promise.all([
    start('FIRESTORE_EMULATOR_HOST', (port) => startFirestoreEmulator({ host, port })),
    start('PUBSUB_EMULATOR_HOST', (port) => startPubsubEmulator({ host, port })),
  ]);
};
