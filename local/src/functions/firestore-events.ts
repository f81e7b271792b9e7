// Document events. The Firestore emulator calls the host back for each registered trigger and repeats nothing, so it is
// answered at once and the event is then delivered like any other.
import { SuiteError } from '../errors.ts';
import type { RetryPolicy } from './delivery.ts';
import { documentChanged } from './cloud-events.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EventRequest } from './invoke.ts';
import type { FunctionSpec, Trigger } from './manifest.ts';
import type { IncomingHttpHeaders } from 'node:http';

export type FirestoreFunction = FunctionSpec<Extract<Trigger, { kind: 'firestore' }>>;

export interface FirestoreEventsOptions {
  readonly project: string;
  /** `host:port` of the Firestore emulator. */
  readonly server: string;
  readonly functions: readonly FirestoreFunction[];
  readonly dispatcher: Dispatcher;
  /** For functions with `retry`. */
  readonly retryPolicy: RetryPolicy;
}

export interface FirestoreEvents {
  /** Takes what the emulator posted for a trigger; false when no function has that trigger. */
  accept(key: string, headers: IncomingHttpHeaders, body: Buffer): boolean;
}

/** Registers the functions with the emulator. Throws SuiteError when it refuses one. */
export const startFirestoreEvents = async (options: FirestoreEventsOptions): Promise<FirestoreEvents> => {
  const { functions, dispatcher, retryPolicy } = options;
  const byKey = new Map(functions.map((spec) => [spec.name, spec]));
  await Promise.all(functions.map(async (spec) => register(spec, options)));
  const send = async (spec: FirestoreFunction, event: EventRequest) =>
    dispatcher.dispatch(spec, event, spec.trigger.retry ? retryPolicy : { ...retryPolicy, maxAttempts: 1 });
  return {
    accept: (key, headers, body) => {
      const spec = byKey.get(key);
      // A rejection means that the host stops; the events of an emulator end with it.
      if (spec) send(spec, documentChanged(headers, body)).catch(() => undefined);
      return spec !== undefined;
    },
  };
};

const register = async ({ name, trigger }: FirestoreFunction, { project, server }: FirestoreEventsOptions) => {
  const url = `http://${server}/emulator/v1/projects/${project}/eventarcTrigger?eventarcTriggerId=${name}`;
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({
      eventType: trigger.eventType,
      database: trigger.database,
      namespace: trigger.namespace,
      document: { value: trigger.document, matchType: trigger.pattern ? 'PATH_PATTERN' : 'EXACT' },
    }),
  });
  if (!response.ok)
    throw new SuiteError(
      `The Firestore emulator refused the trigger of ${name}: ${response.status} ${await response.text()}`,
      'Check the document pattern of the function.',
    );
};
