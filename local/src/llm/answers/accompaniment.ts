// What a specialist says about its artifact: a title, a summary, notes for the scratchpad, concerns.
import { singular, type Subject } from '../subject.ts';

const deliverables: Readonly<Record<string, string>> = {
  'service-boundaries': 'service boundaries',
  openapi: 'API contract',
  'firestore-schema': 'data model',
  'security-rules': 'security rules',
  typescript: 'functions',
  'llm-design': 'model layer',
  'prompt-template': 'prompt template',
  markdown: 'notes',
  'code-review': 'review',
  'security-review': 'security review',
  'performance-review': 'performance review',
  'deployment-plan': 'deployment plan',
};

const nameOf = (kind: string) => deliverables[kind] ?? kind;

export const titleOf = (kind: string, { resources }: Subject): string => `The ${nameOf(kind)} for ${resources[0]}`;

export const summaryOf = (kind: string, { title }: Subject): string => `Delivered the ${nameOf(kind)} for "${title}".`;

type Notes = Readonly<Record<string, Readonly<Record<string, (many: string) => string>>>>;

const notes: Notes = {
  'service-boundaries': {
    service: (many) => `${singular(many)}-service: owns ${many}`,
    dependencies: () => 'Firestore, Firebase Authentication, Pub/Sub, LLM gateway',
    dataFlow: (many) => `HTTPS request -> validated and stored ${many} -> derived data and an event`,
  },
  openapi: {
    endpoints: (many) => `GET /${many}, POST /${many}, GET /${many}/{${singular(many)}Id}`,
    authentication: () => 'Firebase ID token as bearer token; the org is a claim',
    rateLimits: () => '600 requests a minute and org, 429 with Retry-After beyond',
  },
  'security-rules': { authentication: (many) => `Only members of the org reach its ${many}` },
  'performance-review': { slas: (many) => `95 % of the reads of ${many} within 200 ms, 99.95 % availability` },
};

/** A note of that name; empty when the kind of work has nothing to say on it. */
export const noteOn = (name: string, kind: string, { resources }: Subject): string =>
  notes[kind]?.[name]?.(resources[0]) ?? '';

const concerns: Readonly<Record<string, (many: string) => string>> = {
  'llm-design': (many) => `The providers' rate limits may delay ${many} at peak times.`,
  'deployment-plan': (many) => `The cost grows with the number of ${many}: set a budget alert before the launch.`,
};

export const concernsOf = (kind: string, { resources }: Subject): string[] => {
  const concern = concerns[kind]?.(resources[0]);
  return concern === undefined ? [] : [concern];
};
