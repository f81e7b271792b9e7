// What the platform puts into an instance's environment.

export interface EnvironmentOptions {
  readonly project: string;
  readonly revision: number;
  /** The developer's shell: PATH, HOME, proxies and the like. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Addresses of the emulators, params and secrets. */
  readonly given: Readonly<Record<string, string>>;
}

/** Set by the Firebase CLI's emulator; code that asks for them would behave otherwise than in production. */
const emulatorOnly = ['FUNCTIONS_EMULATOR', 'FIREBASE_DEBUG_MODE', 'FIREBASE_DEBUG_FEATURES'];

/** The environment of every instance; what is in `given` wins over what the shell has, the platform's own over both. */
export const instanceEnvironment = ({
  project,
  revision,
  inherited,
  given,
}: EnvironmentOptions): Record<string, string> => {
  const all: Readonly<Record<string, string | undefined>> = {
    // There is no metadata server to ask; without this each client waits for it.
    METADATA_SERVER_DETECTION: 'none',
    ...inherited,
    ...given,
    GCLOUD_PROJECT: project,
    GOOGLE_CLOUD_PROJECT: project,
    FIREBASE_CONFIG: JSON.stringify({ projectId: project, storageBucket: `${project}.firebasestorage.app` }),
    K_REVISION: String(revision),
    // Without it a function that finds emulators where it seems to be deployed refuses to start.
    LOCAL_SUITE: 'true',
    NODE_ENV: 'production',
    TZ: 'UTC',
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === undefined || emulatorOnly.includes(name) ? [] : [[name, value]],
    ),
  );
};
