import { launch, type Emulator } from './launch.ts';

export interface PubsubEmulatorOptions {
  readonly host: string;
  readonly port: number;
}

/** Starts the official Pub/Sub emulator; throws PortBusyError or SuiteError as `launch` does. */
export const startPubsubEmulator = (
  { host, port }: PubsubEmulatorOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Emulator> =>
  launch(
    {
      kind: 'pubsub',
      mainClass: 'com.google.cloud.pubsub.testing.v1.Main',
      args: [],
      announcement: /Server started, listening on/,
      host,
      port,
    },
    env,
  );
