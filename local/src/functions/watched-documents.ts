// Document events of a Firestore emulator that was started without this host's address, so that it calls nobody back: documents that
// are created are seen by a listener and read once more for the event. Updates and deletions are not seen.
import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore, type Firestore } from 'firebase-admin/firestore';
import { SuiteError } from '../errors.ts';
import type { FirestoreEventsOptions, FirestoreFunction } from './firestore-events.ts';
import type { EventRequest } from './invoke.ts';

const created = 'google.cloud.firestore.document.v1.created';

export interface WatchedDocuments {
  stop(): Promise<void>;
}

export interface WatchOptions extends FirestoreEventsOptions {
  readonly log: (line: string) => void;
}

/**
 * Resolves when it watches; from then on each document that is created goes to the functions whose pattern it matches. Rejects with
 * SuiteError when nobody answers at the emulator's address.
 */
export const watchDocuments = async (options: WatchOptions): Promise<WatchedDocuments> => {
  const { functions, project, server, log } = options;
  await requireAnswer(server);
  // The client would look for a machine of Google's that tells it who we are.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  const app = initializeApp({ projectId: project }, `documents-${randomUUID()}`);
  const database = getFirestore(app);
  database.settings({ host: server, ssl: false });
  const watched = functions.filter(({ trigger }) => trigger.eventType === created);
  for (const { name, trigger } of functions) {
    if (trigger.eventType !== created) log(`${name} gets no events: this Firestore emulator does not call back.`);
  }
  const stops = await Promise.all(watched.map(async (spec) => watch(database, spec, options)));
  return {
    stop: async () => {
      for (const stop of stops) stop();
      await deleteApp(app);
    },
  };
};

const requireAnswer = async (server: string): Promise<void> => {
  try {
    await fetch(`http://${server}/`);
  } catch (cause) {
    throw new SuiteError(
      `No Firestore emulator answers at ${server}.`,
      'Start it, or unset FIRESTORE_EMULATOR_HOST to have one started.',
      { cause },
    );
  }
};

/** Resolves with what ends the watching, once the listener has seen what is there already: that is no event. */
const watch = async (database: Firestore, spec: FirestoreFunction, options: WatchOptions): Promise<() => void> => {
  const { dispatcher, retryPolicy, log } = options;
  const pattern = patternOf(spec.trigger.document);
  const policy = spec.trigger.retry ? retryPolicy : { ...retryPolicy, maxAttempts: 1 };
  const send = (path: string) =>
    void documentCreated(path, options)
      .then(async (event) => dispatcher.dispatch(spec, event, policy))
      .catch((error: unknown) => log(`${spec.name}: ${error instanceof Error ? error.message : String(error)}`));
  const standing = Promise.withResolvers<undefined>();
  let old = true;
  const stop = database.collectionGroup(collectionOf(spec.trigger.document)).onSnapshot(
    (snapshot) => {
      const added = snapshot.docChanges().filter(({ type, doc }) => type === 'added' && pattern.test(doc.ref.path));
      if (!old) added.forEach(({ doc }) => send(doc.ref.path));
      old = false;
      standing.resolve(undefined);
    },
    (error) => {
      log(`${spec.name} gets no more events: ${error.message}`);
      standing.resolve(undefined);
    },
  );
  await standing.promise;
  return stop;
};

/** `orgs/{org}/tasks/{task}`: the last collection is the one to listen to. */
const collectionOf = (pattern: string): string => pattern.split('/').at(-2) ?? '';

const patternOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/\{[^}=]+=\*\*\}/g, '.+').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);

/** The event as production sends it, with the document as the emulator's REST API shows it. */
const documentCreated = async (path: string, { project, server }: FirestoreEventsOptions): Promise<EventRequest> => {
  const name = `projects/${project}/databases/(default)`;
  const answer = await fetch(`http://${server}/v1/${name}/documents/${path}`, {
    headers: { authorization: 'Bearer owner' },
  });
  if (!answer.ok) throw new Error(`${path} cannot be read: ${answer.status}`);
  return {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-datacontenttype': 'application/json',
      'ce-id': randomUUID(),
      'ce-type': created,
      'ce-source': `//firestore.googleapis.com/${name}`,
      'ce-subject': `documents/${path}`,
      'ce-time': new Date().toISOString(),
      'ce-location': 'us-central1',
      'ce-project': project,
      'ce-database': '(default)',
      'ce-namespace': '(default)',
      'ce-document': path,
    },
    body: Buffer.from(JSON.stringify({ value: await answer.json() })),
  };
};
