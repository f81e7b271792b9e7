import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { refuseEmulators } from './emulators.ts';

const deployed = { K_SERVICE: 'api' };

describe('a deployed instance', () => {
  test.each([
    'FIREBASE_AUTH_EMULATOR_HOST',
    'FIRESTORE_EMULATOR_HOST',
    'PUBSUB_EMULATOR_HOST',
    'FIREBASE_STORAGE_EMULATOR_HOST',
  ])('does not start with %s, and says so', (name) => {
    expect(() => refuseEmulators({ ...deployed, [name]: '127.0.0.1:9099' })).toThrow(`unset ${name}.`);
  });

  test('starts without emulators, or with a variable that names none', () => {
    expect(() => refuseEmulators(deployed)).not.toThrow();
    expect(() => refuseEmulators({ ...deployed, FIRESTORE_EMULATOR_HOST: '' })).not.toThrow();
  });

  test('is refused when its configuration is loaded, before any function can be called', async () => {
    const config = path.join(import.meta.dirname, '..', 'config.ts');
    const load = (environment: Record<string, string>) =>
      promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', `await import(${JSON.stringify(config)})`],
        {
          env: { ...process.env, FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9099', ...environment },
        },
      );
    await expect(load(deployed)).rejects.toMatchObject({
      stderr: expect.stringContaining('unset FIREBASE_AUTH_EMULATOR_HOST'),
    });
    await expect(load({ ...deployed, LOCAL_SUITE: 'true' })).resolves.toBeDefined();
  });
});

test.each([{}, { ...deployed, FUNCTIONS_EMULATOR: 'true' }, { ...deployed, LOCAL_SUITE: 'true' }])(
  'an instance of %j may use emulators',
  (environment) => {
    expect(() => refuseEmulators({ ...environment, FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9099' })).not.toThrow();
  },
);
