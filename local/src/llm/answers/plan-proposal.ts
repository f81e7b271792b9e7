// A small plan: boundaries, contract, the building in parallel, the reviews, the hand-over. Steps whose specialist or kind the
// schema does not know are left to the generator.
import { hasMarker } from '../markers.ts';
import { generate, type Hint } from '../schema/generate.ts';
import { asSchema, resolve } from '../schema/resolve.ts';
import type { Question } from './question.ts';

interface Step {
  readonly id: string;
  readonly specialist: string;
  readonly artifactKind: string;
  readonly title: string;
  readonly instructions: string;
  readonly dependsOn: readonly string[];
}

const boundariesId = 'boundaries';
const contractId = 'contract';
const securityId = 'security';
const performanceId = 'performance';
const handOverId = 'hand-over';

const building = (text: string, resource: string): Step[] => {
  const common = { dependsOn: [contractId] };
  const usesModels = /\b(llms?|prompts?|models?|embeddings?|extract\w*|summar\w+)\b/i.test(text);
  return [
    {
      ...common,
      id: 'functions',
      specialist: 'nodejs-expert',
      artifactKind: 'typescript',
      title: `Implement the functions for ${resource}`,
      instructions: `Implement every operation of the contract for ${resource}.`,
    },
    {
      ...common,
      id: 'rules',
      specialist: 'firebase-specialist',
      artifactKind: 'security-rules',
      title: `Protect ${resource} with security rules`,
      instructions: `Only members of the owning org may read ${resource}; writes are validated.`,
    },
    {
      ...common,
      id: 'models',
      specialist: usesModels ? 'llm-architect' : 'firebase-specialist',
      artifactKind: usesModels ? 'llm-design' : 'firestore-schema',
      title: usesModels ? `Choose the models for ${resource}` : `Design the collections for ${resource}`,
      instructions: `Decide how ${resource} are stored and processed, and name the cost of it.`,
    },
  ];
};

/** Those whom the application wants to hear. */
const supporters = (system: string): string[] =>
  / leads; (.+) must take part/
    .exec(system)?.[1]
    ?.split(', ')
    .filter((name) => name !== '') ?? [];

const steps = ({ subject, system, text }: Question): Step[] => {
  const resource = subject.resources[0];
  const built = building(text, resource);
  const builtIds = built.map(({ id }) => id);
  const opinions = supporters(system).map((specialist) => ({
    id: `review-${specialist}`,
    specialist,
    artifactKind: 'code-review',
    title: `Review the service for ${resource}`,
    instructions: 'Say whether the parts are right and fit together.',
    dependsOn: [contractId, ...builtIds],
  }));
  const judged = [...builtIds, ...opinions.map(({ id }) => id)];
  return [
    {
      id: boundariesId,
      specialist: 'api-designer',
      artifactKind: 'service-boundaries',
      title: `Draw the boundaries of the service for ${resource}`,
      instructions: `Name what the service owns, what it depends on, and how ${resource} flow through it.`,
      dependsOn: [],
    },
    {
      id: contractId,
      specialist: 'api-designer',
      artifactKind: 'openapi',
      title: `Define the API for ${resource}`,
      instructions: `Describe the operations on ${resource} with their errors, paging and authentication.`,
      dependsOn: [boundariesId],
    },
    ...built,
    ...opinions,
    {
      id: securityId,
      specialist: 'security-engineer',
      artifactKind: 'security-review',
      title: `Review the security of ${resource}`,
      instructions: 'Check authentication, authorisation, validation of input, and the handling of secrets.',
      dependsOn: judged,
    },
    {
      id: performanceId,
      specialist: 'cloud-architect',
      artifactKind: 'performance-review',
      title: `Check how fast ${resource} are served`,
      instructions: 'Compare latency, throughput and cost with the targets.',
      dependsOn: [...judged, securityId],
    },
    {
      id: handOverId,
      specialist: 'cloud-architect',
      artifactKind: 'deployment-plan',
      title: 'Hand over to deployment',
      instructions: 'Plan the roll-out to staging, the way back, and what is watched.',
      dependsOn: [performanceId],
    },
  ];
};

/** The first step waits for the last one. */
const cyclic = (plan: readonly Step[]): Step[] =>
  plan.map((step) => (step.id === boundariesId ? { ...step, dependsOn: [handOverId] } : step));

/** The security review does not wait for what it is to judge. */
const blind = (plan: readonly Step[]): Step[] =>
  plan.map((step) => (step.id === securityId ? { ...step, dependsOn: [contractId] } : step));

const chosen = (question: Question): Step[] => {
  if (hasMarker(question.text, 'cyclic-plan')) return cyclic(steps(question));
  return hasMarker(question.text, 'blind-review') ? blind(steps(question)) : steps(question);
};

export const planProposal = (question: Question): Hint => {
  const { schema, random, subject } = question;
  const plan = chosen(question);
  return ({ path, schema: list }) => {
    if (path !== '/assignments') return undefined;
    const item = {
      ...resolve(schema, asSchema(list['items'])),
      $defs: schema['$defs'],
      definitions: schema['definitions'],
    };
    return plan.map((step) => {
      const known: Readonly<Record<string, unknown>> = { ...step };
      return generate({ schema: item, random, subject, hint: (place) => known[place.path.slice(1)] });
    });
  };
};
