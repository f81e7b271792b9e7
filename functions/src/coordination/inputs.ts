import { inputFrom } from './directive.ts';
import type { Assignment, AssignmentInput } from './schemas.ts';
import { artifactsById } from './task-store.firestore.ts';

/**
 * What an assignment's predecessors made. Inputs that came with the message are taken from it; those too large for one, and those of a
 * message that was sent before they existed, are read.
 */
export const inputsOf = async (
  { org, task, dependsOn }: Assignment,
  sent: readonly AssignmentInput[],
): Promise<AssignmentInput[]> => {
  const given = sent.filter(({ assignment, content }) => content !== null && dependsOn.includes(assignment));
  const missing = dependsOn.filter((id) => !given.some(({ assignment }) => assignment === id));
  return [...given, ...(await artifactsById(org, task, missing)).map(inputFrom)];
};
