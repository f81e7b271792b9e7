// What is deployed: the manifest that firebase-functions prints of a codebase (the Firebase CLI deploys from the same one),
// read into one spec per function.
import { z } from 'zod';

const text = z.string();
/** Options may be literals, null ("platform default") or the expression `{{ params.NAME }}`. */
const numeric = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).nullish();
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]).nullish();

const endpoint = z.object({
  entryPoint: text,
  region: z.array(text).nullish(),
  timeoutSeconds: numeric,
  concurrency: numeric,
  maxInstances: numeric,
  httpsTrigger: z.object({}).nullish(),
  callableTrigger: z.object({}).nullish(),
  eventTrigger: z
    .object({
      eventType: text,
      eventFilters: z.record(z.string(), text).default({}),
      eventFilterPathPatterns: z.record(z.string(), text).default({}),
      retry: flag,
    })
    .nullish(),
  scheduleTrigger: z
    .object({
      schedule: text,
      timeZone: text.nullish(),
      retryConfig: z
        .object({ retryCount: numeric, minBackoffSeconds: numeric, maxBackoffSeconds: numeric })
        .partial()
        .nullish(),
    })
    .nullish(),
});
type Endpoint = z.infer<typeof endpoint>;

const param = z.object({ name: text, type: text.default('string'), default: z.unknown().optional() });

const manifest = z.object({ endpoints: z.record(z.string(), z.unknown()), params: z.array(param).default([]) });

export type Trigger =
  | { readonly kind: 'https' }
  | { readonly kind: 'pubsub'; readonly topic: string; readonly retry: boolean }
  | {
      readonly kind: 'firestore';
      readonly eventType: string;
      readonly database: string;
      readonly namespace: string;
      readonly document: string;
      readonly pattern: boolean;
      readonly retry: boolean;
    }
  | {
      readonly kind: 'schedule';
      readonly schedule: string;
      readonly timeZone: string | undefined;
      /** Attempts after the first one. */
      readonly retries: number;
      readonly minBackoffSeconds: number;
      readonly maxBackoffSeconds: number;
    }
  /** Kinds of event that have no local source. */
  | { readonly kind: 'unserved'; readonly what: string };

export interface FunctionSpec<T extends Trigger = Trigger> {
  readonly name: string;
  /** Path of the export in the module, e.g. `api` or `group.api`. */
  readonly entryPoint: string;
  readonly region: string;
  readonly timeoutMs: number;
  /** Requests that all instances together take at a time: what flow control of events is derived from. */
  readonly concurrency: number;
  readonly maxInstances: number;
  readonly trigger: T;
}

export interface Codebase {
  readonly functions: readonly FunctionSpec[];
  /** Values of the params: from the environment, else their defaults. */
  readonly params: Readonly<Record<string, string>>;
  /** Params that have neither. */
  readonly missing: readonly string[];
}

// Defaults of Cloud Functions 2nd gen.
const defaults = { region: 'us-central1', timeoutSeconds: 60, concurrency: 80, maxInstances: 100 };

/** Reads a manifest; params get their value from `environment` or their default. Throws ZodError when it has another shape. */
export const readManifest = (json: unknown, environment: Readonly<Record<string, string | undefined>>): Codebase => {
  const { endpoints, params } = manifest.parse(json);
  const values = new Map<string, string>();
  for (const { name, type, default: fallback } of params) {
    const value = environment[name] ?? (fallback === undefined ? undefined : plain(fallback, values));
    if (value !== undefined && (type !== 'secret' || environment[name] !== undefined)) values.set(name, value);
  }
  return {
    functions: Object.entries(endpoints).map(([name, raw]) =>
      readFunction(name, endpoint.parse(substitute(raw, values))),
    ),
    params: Object.fromEntries(values),
    missing: params.filter(({ name }) => !values.has(name)).map(({ name }) => name),
  };
};

const plain = (value: unknown, values: ReadonlyMap<string, string>): string => {
  const substituted = substitute(value, values);
  return typeof substituted === 'string' ? substituted : JSON.stringify(substituted);
};

const expression = /\{\{ params\.(\w+) \}\}/g;

const substitute = (value: unknown, values: ReadonlyMap<string, string>): unknown => {
  if (typeof value === 'string')
    return value.replaceAll(expression, (whole, name: string) => values.get(name) ?? whole);
  if (Array.isArray(value)) return value.map((item) => substitute(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, values)]));
};

const readFunction = (name: string, spec: Endpoint): FunctionSpec => ({
  name,
  entryPoint: spec.entryPoint,
  region: spec.region?.[0] ?? defaults.region,
  timeoutMs: (spec.timeoutSeconds ?? defaults.timeoutSeconds) * 1000,
  concurrency: spec.concurrency ?? defaults.concurrency,
  maxInstances: spec.maxInstances ?? defaults.maxInstances,
  trigger: readTrigger(spec),
});

const readTrigger = ({ httpsTrigger, callableTrigger, eventTrigger, scheduleTrigger }: Endpoint): Trigger => {
  if (httpsTrigger ?? callableTrigger) return { kind: 'https' };
  if (scheduleTrigger) return readSchedule(scheduleTrigger);
  return eventTrigger ? readEvent(eventTrigger) : { kind: 'unserved', what: 'a trigger of an unknown kind' };
};

const readSchedule = ({ schedule, timeZone, retryConfig }: NonNullable<Endpoint['scheduleTrigger']>): Trigger => ({
  kind: 'schedule',
  schedule,
  timeZone: timeZone ?? undefined,
  retries: retryConfig?.retryCount ?? 0,
  minBackoffSeconds: retryConfig?.minBackoffSeconds ?? 5,
  maxBackoffSeconds: retryConfig?.maxBackoffSeconds ?? 3600,
});

const firestoreEvent = 'google.cloud.firestore.document.v1.';

const readEvent = (trigger: NonNullable<Endpoint['eventTrigger']>): Trigger => {
  const { eventType, eventFilters: filters, eventFilterPathPatterns: patterns } = trigger;
  const retry = trigger.retry ?? false;
  const { topic } = filters;
  if (eventType === 'google.cloud.pubsub.topic.v1.messagePublished' && topic !== undefined)
    return { kind: 'pubsub', topic, retry };
  const document = patterns['document'] ?? filters['document'];
  if (!eventType.startsWith(firestoreEvent) || document === undefined) return { kind: 'unserved', what: eventType };
  return {
    kind: 'firestore',
    eventType,
    database: filters['database'] ?? '(default)',
    namespace: filters['namespace'] ?? '(default)',
    document,
    pattern: patterns['document'] !== undefined,
    retry,
  };
};
