import type { ArtifactKind } from '../artifacts/index.ts';
import { specialistId } from '../agents/schemas.ts';
import { acceptedDesigns, designKinds, type Design } from './designs.firestore.ts';
import { inputFrom } from './directive.ts';
import type { Assignment, AssignmentInput } from './schemas.ts';
import { artifactsById } from './task-store.firestore.ts';

/**
 * What an assignment's predecessors made, and what its service has accepted before. Inputs that came with the message are taken from
 * it; those too large for one, and those of a message that was sent before they existed, are read.
 */
export const inputsOf = async (
  assignment: Assignment,
  sent: readonly AssignmentInput[],
): Promise<AssignmentInput[]> => {
  const { org, task, dependsOn } = assignment;
  const given = sent.filter(({ assignment: id, content }) => content !== null && dependsOn.includes(id));
  const missing = dependsOn.filter((id) => !given.some((input) => input.assignment === id));
  const made = [...given, ...(await artifactsById(org, task, missing)).map(inputFrom)];
  return [...(await acceptedFor(assignment, made)), ...made];
};

/** What everybody keeps to: the contract, the data model and the rules. */
const shared: readonly ArtifactKind[] = ['openapi', 'firestore-schema', 'security-rules'];

/** Reads what the service has accepted of the shared kinds and of the assignment's own, but for what this task has made anew. */
const acceptedFor = async (
  { org, artifactKind, brief: { service } }: Assignment,
  made: readonly AssignmentInput[],
): Promise<AssignmentInput[]> => {
  if (service === null) return [];
  const anew = new Set(made.map(({ kind }) => kind));
  const kinds = [...new Set([...shared, artifactKind])].filter((kind) => designKinds.has(kind) && !anew.has(kind));
  return (await acceptedDesigns(org, service, kinds)).map(inputOfService);
};

const coordinator = specialistId.parse('backend-coordinator');

const inputOfService = ({ service, kind, content }: Design): AssignmentInput => ({
  assignment: `accepted-${kind}`,
  specialist: coordinator,
  kind,
  title: `accepted for the service ${service}`,
  content,
  accepted: true,
});
