// Plans are data: the specification's workflow as a graph, or a graph from a caller or a model that keeps to the guard-rails.
//
// P1. A plan is acyclic, its ids are unique, and every dependency names an assignment of the plan.
// P2. A plan has 1 to `maxAssignments` assignments.
import { whyUnsuitable, type Agent, type SpecialistId } from '../agents/index.ts';
import type { ArtifactKind } from '../artifacts/index.ts';
import type { FieldError } from '../platform/errors.ts';
import type { Category } from './delegation.ts';
import { maxAssignments, type AssignmentId, type PlannedAssignment } from './schemas.ts';

interface Work {
  readonly specialist: SpecialistId;
  readonly artifactKind: ArtifactKind;
  readonly title: string;
}

/** What is built, by category; contracts come before, reviews after. */
const implementations: Readonly<Record<Category, readonly Work[]>> = {
  'api-design': [
    { specialist: 'nodejs-expert', artifactKind: 'typescript', title: 'Implement the endpoints' },
    { specialist: 'firebase-specialist', artifactKind: 'security-rules', title: 'Write the security rules' },
  ],
  'database-schema': [
    { specialist: 'firebase-specialist', artifactKind: 'firestore-schema', title: 'Design the collections' },
    { specialist: 'database-optimizer', artifactKind: 'markdown', title: 'Plan indexes and queries' },
    { specialist: 'firebase-specialist', artifactKind: 'security-rules', title: 'Write the security rules' },
  ],
  authentication: [
    { specialist: 'firebase-specialist', artifactKind: 'security-rules', title: 'Write the security rules' },
    { specialist: 'nodejs-expert', artifactKind: 'typescript', title: 'Implement token checks' },
  ],
  'cloud-functions': [
    { specialist: 'nodejs-expert', artifactKind: 'typescript', title: 'Implement the functions' },
    { specialist: 'firebase-specialist', artifactKind: 'firestore-schema', title: 'Design the collections' },
  ],
  'llm-integration': [
    { specialist: 'llm-architect', artifactKind: 'llm-design', title: 'Design the model layer' },
    { specialist: 'prompt-engineer', artifactKind: 'prompt-template', title: 'Write the prompt templates' },
    { specialist: 'ml-engineer', artifactKind: 'markdown', title: 'Plan extraction and embeddings' },
    { specialist: 'nodejs-expert', artifactKind: 'typescript', title: 'Implement the service' },
  ],
  performance: [
    { specialist: 'nodejs-expert', artifactKind: 'typescript', title: 'Profile and optimise the code' },
    { specialist: 'database-optimizer', artifactKind: 'markdown', title: 'Optimise queries and indexes' },
    { specialist: 'firebase-specialist', artifactKind: 'firestore-schema', title: 'Revise the data model' },
  ],
};

/** The specification's coordination workflow for a task of that category; each of `support` reviews what the primary made. */
export const templatePlan = (
  category: Category,
  primary: SpecialistId,
  support: readonly SpecialistId[],
): PlannedAssignment[] => {
  const implementation = implementations[category].map((work): PlannedAssignment => ({
    id: `implement-${work.artifactKind}-${work.specialist}`,
    instructions: 'Implement your part of the service so that it keeps to the API contract.',
    dependsOn: ['contract'],
    ...work,
  }));
  const built = implementation.map(({ id }) => id);
  const designs = designsBy(primary);
  const ledBy = designs.filter(({ specialist }) => specialist === primary).map(({ id }) => id);
  const reviews = support.map((specialist): PlannedAssignment => ({
    id: `review-${specialist}`,
    specialist,
    title: `Review what ${primary} made`,
    instructions: `Review what ${primary} made, and whether everything that was built fits it and each other.`,
    artifactKind: 'code-review',
    dependsOn: [...ledBy, ...built],
  }));
  const opinions = reviews.map(({ id }) => id);
  return [
    ...designs,
    ...implementation,
    ...reviews,
    {
      id: 'security',
      specialist: 'security-engineer',
      title: 'Validate the security',
      instructions: 'Review everything built so far: authentication, authorisation, input, secrets, data protection.',
      artifactKind: 'security-review',
      dependsOn: [...built, ...opinions, 'contract'],
    },
    {
      id: 'performance',
      specialist: 'cloud-architect',
      title: 'Check the performance',
      instructions: 'Judge latency, throughput and cost against the targets; ask for changes where they are missed.',
      artifactKind: 'performance-review',
      dependsOn: [...built, ...opinions, 'security'],
    },
    {
      id: 'handoff',
      specialist: 'cloud-architect',
      title: 'Hand off to deployment',
      instructions: 'Plan the deployment to staging with its roll-back and monitoring.',
      artifactKind: 'deployment-plan',
      dependsOn: ['contract', ...opinions, 'security', 'performance'],
    },
  ];
};

/** What everything else is built on. */
const designsBy = (primary: SpecialistId): PlannedAssignment[] => [
  {
    id: 'boundaries',
    specialist: primary,
    title: 'Identify the service boundaries',
    instructions: 'Name the service, its dependencies and the flow of data through it.',
    artifactKind: 'service-boundaries',
    dependsOn: [],
  },
  {
    id: 'contract',
    specialist: 'api-designer',
    title: 'Define the API contract',
    instructions: 'Design the API with its errors, authentication and limits.',
    artifactKind: 'openapi',
    dependsOn: ['boundaries'],
  },
];

/** Everything that breaks a guard-rail, by JSON pointer into the list; an empty answer is a valid plan (P1, P2). */
export const planFaults = (plan: readonly PlannedAssignment[]): FieldError[] => {
  const ids = plan.map(({ id }) => id);
  const known = new Set(ids);
  const faults: FieldError[] = [];
  if (plan.length === 0 || plan.length > maxAssignments) {
    faults.push({ pointer: '', detail: `must have 1 to ${maxAssignments} assignments` });
  }
  plan.forEach(({ id, dependsOn }, index) => {
    if (ids.indexOf(id) !== index) faults.push({ pointer: `/${index}/id`, detail: `"${id}" is used twice` });
    dependsOn.forEach((dependency, position) => {
      if (!known.has(dependency)) {
        faults.push({ pointer: `/${index}/dependsOn/${position}`, detail: `there is no assignment "${dependency}"` });
      }
    });
  });
  const cycle = faults.length === 0 ? inCycle(plan) : [];
  if (cycle.length > 0)
    faults.push({ pointer: '', detail: `these depend on each other in a circle: ${cycle.join(', ')}` });
  return faults;
};

/** Every assignment whose specialist the org does not have, has disabled, or has for other work. */
export const agentFaults = (plan: readonly PlannedAssignment[], agents: readonly Agent[]): FieldError[] =>
  plan.flatMap(({ specialist, artifactKind }, index) => {
    const detail = whyUnsuitable(agents, specialist, artifactKind);
    return detail === undefined ? [] : [{ pointer: `/${index}/specialist`, detail }];
  });

/** Ids that can never start because they wait, directly or not, for themselves (Kahn's algorithm). */
const inCycle = (plan: readonly PlannedAssignment[]): AssignmentId[] => {
  const waiting = new Map(plan.map(({ id, dependsOn }) => [id, new Set(dependsOn)]));
  const successors = successorsOf(plan);
  const free = plan.filter(({ dependsOn }) => dependsOn.length === 0).map(({ id }) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waiting.delete(id);
    for (const next of successors.get(id) ?? []) {
      const left = waiting.get(next);
      left?.delete(id);
      if (left?.size === 0) free.push(next);
    }
  }
  return [...waiting.keys()];
};

export const successorsOf = (
  plan: readonly Pick<PlannedAssignment, 'id' | 'dependsOn'>[],
): Map<AssignmentId, AssignmentId[]> => {
  const successors = new Map<AssignmentId, AssignmentId[]>();
  for (const { id, dependsOn } of plan) {
    for (const dependency of new Set(dependsOn)) {
      successors.set(dependency, [...(successors.get(dependency) ?? []), id]);
    }
  }
  return successors;
};

/** `stem` with the first number from `from` on that no assignment of the plan has. */
export const freeId = (stem: string, from: number, taken: ReadonlySet<AssignmentId>): AssignmentId => {
  let number = from;
  while (taken.has(`${stem}-${number}`)) number++;
  return `${stem}-${number}`;
};
