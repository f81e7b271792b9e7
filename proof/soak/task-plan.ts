// The tasks of a soak: each follows from the seed and its number alone, so that a run can be repeated and a task looked up.
import { pick, integerBetween, seededRandom, seedOf, sha256, type Random } from '../../local/src/llm/random.ts';

export const orgs = ['soak-a', 'soak-b', 'soak-c'] as const;
export type Org = (typeof orgs)[number];

export type Ending = 'completed' | 'failed' | 'canceled';

interface PlannedAssignment {
  readonly id: string;
  readonly specialist: string;
  readonly title: string;
  readonly instructions: string;
  readonly artifactKind: string;
  readonly dependsOn: readonly string[];
}

export interface Submission {
  readonly title: string;
  readonly description: string;
  readonly priority: string;
  readonly category?: string;
  readonly planning?: 'proposed';
  readonly plan?: readonly PlannedAssignment[];
}

export interface PlannedTask {
  readonly index: number;
  readonly org: Org;
  readonly shape: Shape;
  readonly submission: Submission;
  readonly idempotencyKey: string;
  /** Where each copy of the submission is handed in: all have the same key, which means something else to another channel. */
  readonly copies: readonly 'http'[] | readonly 'pubsub'[];
  /** Milliseconds after it was accepted. */
  readonly cancelAfterMs: number | undefined;
  /** How it may end when nothing is lost. */
  readonly endings: readonly Ending[];
}

const makers = {
  chain: (random) => chain(integerBetween(random, 2, 5)),
  fan: (random) => fan(integerBetween(random, 2, 6)),
  graph: (random) => graph(random, integerBetween(random, 4, 9)),
  review: () => review(),
  repair: (random) => withMarker(chain(integerBetween(random, 2, 3)), 'invalid-artifact'),
  doomed: (random) => withMarker(chain(integerBetween(random, 2, 3)), 'always-invalid-artifact'),
  /** The category is left to a model. */
  classified: (random) => fan(integerBetween(random, 2, 3)),
  /** The plan is left to a model. */
  proposed: () => undefined,
  /** The plan is the category's template. */
  template: () => undefined,
} satisfies Record<string, (random: Random) => PlannedAssignment[] | undefined>;

export type Shape = keyof typeof makers;

const weights: Readonly<Record<Shape, number>> = {
  chain: 16,
  fan: 20,
  graph: 18,
  review: 14,
  repair: 10,
  doomed: 4,
  classified: 8,
  proposed: 6,
  template: 4,
};

const cancelShare = 0.1;
const longestCancelMs = 4_000;

/** Task number `index` of the soak with that seed. */
export const plannedTask = (seed: number, index: number): PlannedTask => {
  const random = seededRandom(seedOf(sha256(`task ${seed} ${index}`)));
  const shape = weighted(random);
  const plan = makers[shape](random);
  const canceled = random() < cancelShare;
  return {
    index,
    org: pick(random, orgs),
    shape,
    submission: {
      title: `Soak ${seed}.${index}: extract metadata from documents`,
      description: pick(random, descriptions),
      priority: pick(random, ['critical', 'high', 'medium', 'low']),
      ...(shape !== 'classified' && { category: pick(random, categories) }),
      ...(shape === 'proposed' && { planning: 'proposed' as const }),
      ...(plan && { plan }),
    },
    idempotencyKey: `soak-${seed}-${index}`,
    copies: pick(random, handedIn),
    cancelAfterMs: canceled ? integerBetween(random, 0, longestCancelMs) : undefined,
    endings: [shape === 'doomed' ? 'failed' : 'completed', ...(canceled ? (['canceled'] as const) : [])],
  };
};

const handedIn: readonly PlannedTask['copies'][] = [
  ['http'],
  ['http'],
  ['pubsub'],
  ['pubsub'],
  ['http', 'http', 'http'],
  ['pubsub', 'pubsub'],
  ['pubsub', 'pubsub', 'pubsub'],
];

const categories = ['api-design', 'database-schema', 'authentication', 'cloud-functions', 'performance'];

const descriptions = [
  'The documents are invoices; each has a date, a sender and positions.',
  'Uploads arrive in bursts and customers wait for the answer.',
  'Keep the first version small. Reads are a hundred times as frequent as writes.',
  '',
];

const weighted = (random: Random): Shape => {
  const entries = Object.entries(weights) as [Shape, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [shape, weight] of entries) {
    left -= weight;
    if (left < 0) return shape;
  }
  return 'chain';
};

const assignment = (id: string, dependsOn: readonly string[] = []): PlannedAssignment => ({
  id,
  specialist: 'nodejs-expert',
  title: `Part ${id}`,
  instructions: 'Write your part of the documentation.',
  artifactKind: 'markdown',
  dependsOn,
});

const names = (count: number) => Array.from({ length: count }, (_, index) => `part-${index}`);

const chain = (length: number) => names(length).map((id, index, all) => assignment(id, all.slice(index - 1, index)));

const fan = (width: number) => [...names(width).map((id) => assignment(id)), assignment('join', names(width))];

/** Each part waits for up to three of the parts before it. */
const graph = (random: Random, size: number) =>
  names(size).map((id, index, all) => {
    const wanted = integerBetween(random, 0, Math.min(3, index));
    const dependsOn = new Set(Array.from({ length: wanted }, () => pick(random, all.slice(0, index))));
    return assignment(id, [...dependsOn]);
  });

/** A review that asks for changes once: a rework and a second review are added to the plan while it runs. */
const review = (): PlannedAssignment[] => [
  assignment('build'),
  {
    ...assignment('review', ['build']),
    specialist: 'security-engineer',
    artifactKind: 'security-review',
    instructions: `Review what was built. ${marker('changes-needed')}`,
  },
  assignment('publish', ['build', 'review']),
];

const marker = (name: string) => `[[stand-in: ${name}]]`;

/** The last assignment asks the stand-in for that behaviour. */
const withMarker = (plan: PlannedAssignment[], name: string) =>
  plan.map((each, index) =>
    index === plan.length - 1 ? { ...each, instructions: `${each.instructions} ${marker(name)}` } : each,
  );
