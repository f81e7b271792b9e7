// Flaws that a check does not find and a reviewer does: each has its trace in the artifact, which is there until it is reworked.
import { isObject } from './schema/resolve.ts';

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const reviewKinds = ['code-review', 'security-review', 'performance-review'] as const;
export type ReviewKind = (typeof reviewKinds)[number];

export interface Flaw {
  /** The kind of artifact that has it. */
  readonly kind: string;
  /** What stands in the artifact as long as it has the flaw. */
  readonly trace: string;
  /** A JSON pointer, or the line in words. */
  readonly place: string;
  readonly title: string;
  /** What would resolve it. */
  readonly resolution: string;
  readonly severity: Severity;
  /** The reviews that notice it. */
  readonly seenBy: readonly ReviewKind[];
}

/** Where a JSON artifact has a sentence to which a flaw can be added; the last step `-` is a list's end. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  'service-boundaries': ['dataFlow', 'processing'],
  openapi: ['info', 'description'],
  'firestore-schema': ['collections', '0', 'indexes', '0'],
  'llm-design': ['retrieval'],
  'prompt-template': ['evaluation', '0'],
  'code-review': ['findings', '0', 'recommendation'],
  'security-review': ['findings', '0', 'recommendation'],
  'performance-review': ['measurements', '0', 'name'],
  'deployment-plan': ['steps', '0'],
};

const lines: Readonly<Record<string, (trace: string) => string>> = {
  typescript: (trace) => (trace.startsWith('export ') ? `\n${trace}\n` : `\n// ${trace}\n`),
  'security-rules': (trace) => `\n// ${trace}\n`,
  markdown: (trace) => `\n${trace}\n`,
};

export const placeIn = (kind: string): string => {
  const path = sentences[kind];
  return path ? `/${path.join('/')}` : 'the last lines';
};

const extended = (value: unknown, [step, ...rest]: readonly string[], trace: string): unknown => {
  if (step === undefined) return `${String(value)} ${trace}`;
  if (Array.isArray(value))
    return value.map((each: unknown, index) => (String(index) === step ? extended(each, rest, trace) : each));
  return isObject(value) ? { ...value, [step]: extended(value[step], rest, trace) } : value;
};

/** The artifact with the flaw; it stays valid. */
export const plant = (kind: string, content: string, { trace }: Pick<Flaw, 'trace'>): string => {
  const path = sentences[kind];
  if (path) return JSON.stringify(extended(JSON.parse(content), path, trace), undefined, 2);
  return content + (lines[kind]?.(trace) ?? `\n${trace}\n`);
};

type Natural = Omit<Flaw, 'kind' | 'place' | 'severity'> & Partial<Pick<Flaw, 'severity'>>;

const security: readonly ReviewKind[] = ['security-review'];
const code: readonly ReviewKind[] = ['code-review'];
const performance: readonly ReviewKind[] = ['performance-review'];

const natural: Readonly<Record<string, Natural>> = {
  'service-boundaries': {
    trace: 'Reads the billing database of the neighbouring service directly.',
    title: 'The service reaches into the database of its neighbour',
    resolution: 'Ask the neighbouring service through its API, or follow its events.',
    seenBy: code,
  },
  openapi: {
    trace: 'A list is answered whole, however long it is.',
    title: 'Lists have no upper bound',
    resolution: 'State the largest page and answer a nextPageToken for the rest.',
    seenBy: [...code, ...performance],
  },
  'firestore-schema': {
    trace: '(every reader writes lastReadAt into it)',
    title: 'Each read writes to the document that was read',
    resolution: 'Keep the time of the last read apart from the document, in shards.',
    seenBy: [...code, ...performance],
  },
  'security-rules': {
    trace: 'Updates do not compare the author of the stored document with the caller.',
    title: 'Members can change the records of other members',
    resolution: 'Compare resource.data.createdBy with request.auth.uid before an update.',
    seenBy: security,
  },
  typescript: {
    trace: 'export const isSameToken = (given: string, stored: string): boolean => given === stored;',
    title: 'Tokens are compared character by character',
    resolution: 'Compare them in constant time, with timingSafeEqual of node:crypto.',
    seenBy: security,
  },
  'llm-design': {
    trace: 'The cache is shared by all orgs.',
    title: 'Cached answers of one org reach another',
    resolution: 'Put the org into the key of the cache.',
    seenBy: [...security, ...code],
  },
  'prompt-template': {
    trace: 'Only the English ones are looked at.',
    title: 'The evaluation leaves out other languages',
    resolution: 'Add cases in each language that customers use.',
    seenBy: code,
  },
  markdown: {
    trace: 'Failed calls are repeated until they succeed.',
    title: 'Retries have no end',
    resolution: 'Bound the attempts and say what happens after the last one.',
    seenBy: code,
  },
  'deployment-plan': {
    trace: '(all of the traffic at once)',
    title: 'The whole traffic moves in one step',
    resolution: 'Move a tenth first and watch the errors for an hour.',
    seenBy: code,
  },
};

/** The flaw that a first version of this kind most often has; undefined for a kind that nobody reviews. */
export const naturalFlaw = (kind: string): Flaw | undefined => {
  const flaw = natural[kind];
  return flaw && { severity: 'high', ...flaw, kind, place: placeIn(kind) };
};

export const naturalFlaws: readonly Flaw[] = Object.keys(natural).flatMap((kind) => naturalFlaw(kind) ?? []);
