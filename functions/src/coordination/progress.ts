// The scratchpad's view of a task: who works on what, and which boxes are ticked. Pure.
import type { Agent } from '../agents/index.ts';
import { reviewKinds } from '../artifacts/index.ts';
import type { Deployments } from '../governance/index.ts';
import type { GateVerdict } from '../governance/schemas.ts';
import type { Assignment, Task } from './schemas.ts';
import { isTaskOver } from './task-state.ts';

/** One line a specialist, in the order in which they come into the plan. */
export const teamOf = (
  assignments: readonly Assignment[],
  agents: readonly Pick<Agent, 'id' | 'name'>[],
): { name: string; work: string }[] => {
  const work = new Map<Assignment['specialist'], string[]>();
  for (const { specialist, title, state } of assignments) {
    work.set(specialist, [...(work.get(specialist) ?? []), `${title} (${state})`]);
  }
  // An agent that the org has deleted meanwhile is still known by its id.
  const nameOf = (id: string) => agents.find((agent) => agent.id === id)?.name ?? id;
  return [...work].map(([specialist, titles]) => ({ name: nameOf(specialist), work: titles.join('; ') }));
};

const reviews: ReadonlySet<string> = new Set([...reviewKinds, 'deployment-plan']);
const designs: ReadonlySet<string> = new Set(['service-boundaries', 'openapi']);

/** The checklist of the specification; a box is ticked by what happened, never by a claim. */
export const progressOf = (
  assignments: readonly Assignment[],
  gates: readonly GateVerdict[],
  deployed: Deployments,
): { item: string; done: boolean }[] => {
  const passed = (gate: GateVerdict['gate']) => gates.some((each) => each.gate === gate && each.status === 'passed');
  const built = assignments.filter(({ artifactKind }) => !reviews.has(artifactKind) && !designs.has(artifactKind));
  return [
    { item: 'API design approved', done: passed('documentation') },
    { item: 'Security review complete', done: passed('security') },
    { item: 'Implementation done', done: built.length > 0 && built.every(({ state }) => state === 'succeeded') },
    { item: 'Tests written', done: passed('tests') },
    { item: 'Performance validated', done: passed('performance') },
    { item: 'Deployed to staging', done: deployed.staging },
    { item: 'Production ready', done: deployed.production || (gates.length > 0 && gates.every(isSettled)) },
  ];
};

/** A waiver is an approved decision to do without; a gate without evidence is open. */
const isSettled = ({ status }: GateVerdict): boolean => status === 'passed' || status === 'waived';

/** Other pads of the same work, by the reviews and contracts that the plan holds. */
export const relatedPads = (assignments: readonly Assignment[]): string[] => [
  ...(assignments.some(({ artifactKind }) => artifactKind === 'openapi') ? ['API Design'] : []),
  ...(assignments.some(({ artifactKind }) => artifactKind === 'security-review') ? ['Security Review'] : []),
];

export const statusOf = (task: Task): string => (isTaskOver(task) ? capitalised(task.state) : 'Active');

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
