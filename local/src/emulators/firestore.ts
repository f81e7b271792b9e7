import { launch, type Emulator } from './launch.ts';

export interface FirestoreEmulatorOptions {
  readonly host: string;
  readonly port: number;
  readonly projectId?: string;
  /** Path of a security rules file; without it everything is allowed. */
  readonly rulesFile?: string;
  /** `host:port` that is called with the events of registered triggers. */
  readonly functionsEmulator?: string;
  /** Path of the export's `.overall_export_metadata` file to begin with. */
  readonly seedFromExport?: string;
}

/** Starts the official Firestore emulator; throws PortBusyError or SuiteError as `launch` does. */
export const startFirestoreEmulator = (
  options: FirestoreEmulatorOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Emulator> =>
  launch(
    {
      kind: 'firestore',
      mainClass: 'com.google.cloud.datastore.emulator.firestore.CloudFirestore',
      args: Object.entries({
        project_id: options.projectId,
        rules: options.rulesFile,
        functions_emulator: options.functionsEmulator,
        seed_from_export: options.seedFromExport,
      }).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`])),
      announcement: /Dev App Server is now running/,
      host: options.host,
      port: options.port,
    },
    env,
  );
