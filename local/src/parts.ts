// Starting the single parts of the suite.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, BuildError } from '../../functions/build.ts';
import { startFirestoreEmulator, startPubsubEmulator, type Emulator } from './emulators/index.ts';
import { PortBusyError, SuiteError } from './errors.ts';
import { namedProviders, needsStandIn, standIn, type ModelSource } from './llm-environment.ts';
import { calm, characterFromText, startLlmProviders } from './llm/index.ts';
import type { Running } from './running.ts';

export const repository = path.resolve(import.meta.dirname, '../..');
export const ownFunctions = path.join(repository, 'functions');
const rulesFile = path.join(repository, 'firestore.rules');

export interface PartContext {
  readonly host: string;
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly running: Running;
  readonly log: (line: string) => void;
  readonly character?: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The server that a standard variable names (none is started then), else ours. Throws SuiteError when it is not host:port. */
export const addressOf = (
  variable: string,
  context: PartContext,
  port: number,
): Address & { readonly ours: boolean } => {
  const named = context.environment[variable];
  if (!named) return { host: context.host, port, ours: true };
  const [, host, digits] = /^(.+):(\d+)$/.exec(named) ?? [];
  if (host === undefined) throw new SuiteError(`${variable} is "${named}".`, 'Give it as host:port, or unset it.');
  return { host, port: Number(digits), ours: false };
};

export const atPort = ({ host, port }: Address): string => `${host}:${port}`;

export interface FirestorePart extends Address {
  /** `host:port` that gets the events of triggers. */
  readonly functionsHost: string;
  readonly firestoreExport: string | undefined;
}

/** Throws PortBusyError or SuiteError when the emulator cannot run. */
export const startFirestore = async (context: PartContext, part: FirestorePart): Promise<Emulator> => {
  const starting = startFirestoreEmulator(
    {
      host: part.host,
      port: part.port,
      projectId: context.project,
      functionsEmulator: part.functionsHost,
      ...(existsSync(rulesFile) ? { rulesFile } : {}),
      ...(part.firestoreExport === undefined ? {} : { seedFromExport: part.firestoreExport }),
    },
    context.environment,
  );
  return guarded(context, 'Firestore', starting);
};

/** Throws PortBusyError or SuiteError when the emulator cannot run. */
export const startPubsub = async (context: PartContext, { host, port }: Address): Promise<Emulator> =>
  guarded(context, 'Pub/Sub', startPubsubEmulator({ host, port }, context.environment));

/** An emulator that is stopped with the suite, and whose early end is told. */
const guarded = async ({ running, log }: PartContext, name: string, starting: Promise<Emulator>) => {
  const state = { stopping: false };
  const emulator = await running.add(starting, async (started) => {
    state.stopping = true;
    await started.stop();
  });
  void emulator.exited.then(({ code, signal }) => {
    if (!state.stopping)
      log(`The ${name} emulator ended (${signal ?? `exit code ${code ?? 'unknown'}`}); start the suite again.`);
  });
  return emulator;
};

const characterOf = ({ character, environment }: PartContext) => {
  const text = character ?? environment['STAND_IN_CHARACTER'] ?? '';
  try {
    return text === '' ? calm : characterFromText(text);
  } catch (cause) {
    throw new SuiteError(
      `The character of the stand-in is "${text}".`,
      'Give calm, natural, or JSON such as {"seed":7,"thinking":900,"decisions":0.5}; see local/README.md.',
      { cause },
    );
  }
};

/** The providers that the environment names, else the stand-in; `url` is the stand-in's. */
export const startModels = async (
  context: PartContext,
  port: number,
): Promise<ModelSource & { readonly url?: string }> => {
  const { host, environment, running } = context;
  if (!needsStandIn(environment)) return namedProviders(environment);
  const starting = startLlmProviders({ host, port, character: characterOf(context) }).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new PortBusyError(port) : error;
  });
  const { url } = await running.add(starting, async (providers) => providers.stop());
  return { ...standIn(url), url };
};

/** Builds this repository's functions. Throws SuiteError with the compiler's message. */
export const buildFunctions = async (): Promise<void> => {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new SuiteError(`The functions do not compile:\n${error.message}`, 'Fix the errors above, then start again.', {
      cause: error,
    });
  }
};
