// The events of all functions of a codebase, whatever brings them.
import type { RetryPolicy } from './delivery.ts';
import type { Dispatcher } from './dispatcher.ts';
import { startFirestoreEvents, type FirestoreEvents } from './firestore-events.ts';
import type { FunctionSpec, Trigger } from './manifest.ts';
import { startPubsubEvents } from './pubsub-events.ts';
import { watchDocuments } from './watched-documents.ts';
import { startScheduleEvents, type ScheduleEvents } from './schedule-events.ts';

/** `host:port` of the servers that bring events. */
export interface EventServers {
  readonly firestore: string;
  readonly pubsub: string;
  /** The Firestore emulator was started by somebody else and does not know this host. */
  readonly foreignFirestore?: boolean;
}

export interface EventsOptions {
  readonly project: string;
  readonly servers: EventServers;
  readonly functions: readonly FunctionSpec[];
  readonly dispatcher: Dispatcher;
  readonly retryPolicy: RetryPolicy;
  readonly log: (line: string) => void;
}

export interface Events {
  readonly firestore: FirestoreEvents;
  readonly schedules: ScheduleEvents;
  stop(): Promise<void>;
}

/** Connects every function to its events. Rejects with SuiteError when a trigger or a schedule is refused. */
export const startEvents = async ({ servers, ...options }: EventsOptions): Promise<Events> => {
  const { functions, dispatcher, log } = options;
  for (const { name, trigger } of ofKind(functions, 'unserved')) log(`${name} is not served locally: ${trigger.what}`);
  const schedules = startScheduleEvents(ofKind(functions, 'schedule'), dispatcher);
  const documents = { ...options, server: servers.firestore, functions: ofKind(functions, 'firestore') };
  const watched = servers.foreignFirestore ? await watchDocuments(documents) : undefined;
  const [firestore, pubsub] = await Promise.all([
    startFirestoreEvents(watched ? { ...documents, functions: [] } : documents),
    startPubsubEvents({ ...options, server: servers.pubsub, functions: ofKind(functions, 'pubsub') }),
  ]);
  return {
    firestore,
    schedules,
    stop: async () => {
      schedules.stop();
      await Promise.all([pubsub.stop(), watched?.stop()]);
    },
  };
};

const ofKind = <K extends Trigger['kind']>(functions: readonly FunctionSpec[], kind: K) =>
  functions.filter((spec): spec is FunctionSpec<Extract<Trigger, { kind: K }>> => spec.trigger.kind === kind);
