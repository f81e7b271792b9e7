// The downward message of the specification, made from an assignment.
import { formatLabel, reviewKinds } from '../artifacts/index.ts';
import type { Stored } from '../platform/firestore.ts';
import type {
  Artifact,
  Assignment,
  AssignmentEventBody,
  AssignmentInput,
  Author,
  Directive,
  PlannedAssignment,
  Priority,
} from './schemas.ts';
import type { AddedAssignment } from './growth.ts';
import { successorsOf } from './plan.ts';

export const topicOf = (priority: Priority) => `assignments-${priority}`;

/** Larger inputs go by reference: the runner reads the artifact. Pub/Sub takes 10 MB a message. */
const maxInlineChars = 200_000;

export const directiveFor = (
  { value, revision }: Stored<Assignment>,
  inputs: readonly AssignmentInput[],
): Directive => ({
  coordinator: 'backend',
  directive: reviewKinds.has(value.artifactKind) ? 'review_service' : 'implement_service',
  assignments: {
    [value.specialist]: {
      task: value.title,
      requirements: { instructions: value.instructions, category: value.brief.category, inputs: value.dependsOn },
      format: formatLabel(value.artifactKind),
      deadline: value.deadlineAt.toISOString(),
    },
  },
  org: value.org,
  task: value.task,
  assignment: value.id,
  epoch: value.epoch,
  revision,
  record: value,
  inputs: limited(inputs),
});

const limited = (inputs: readonly AssignmentInput[]): AssignmentInput[] => {
  let room = maxInlineChars;
  return inputs.map((input) => {
    room -= input.content?.length ?? 0;
    return room >= 0 ? input : { ...input, content: null };
  });
};

export const inputFrom = (artifact: Artifact): AssignmentInput => ({
  assignment: artifact.id,
  specialist: artifact.specialist,
  kind: artifact.kind,
  title: artifact.title,
  content: artifact.content,
});

type CreatedEvent = Extract<AssignmentEventBody, { type: 'assignment.created' }>;

/** The records of a new plan, or of what a plan grows by: `created` events with their place in the graph. */
export const createdEvents = (
  plan: readonly (PlannedAssignment | AddedAssignment)[],
  shared: Pick<Assignment, 'org' | 'task' | 'priority' | 'brief' | 'deadlineAt'> & { readonly author?: Author },
  firstOrdinal = 0,
): CreatedEvent[] => {
  const successors = successorsOf(plan);
  const ends = plan.filter(({ id }) => !successors.has(id));
  return plan.map((each, index): CreatedEvent => ({
    type: 'assignment.created',
    data: {
      round: 0,
      depth: 0,
      supersedes: null,
      author: null,
      ...shared,
      ...each,
      ordinal: firstOrdinal + index,
      successors: successors.get(each.id) ?? [],
      last: ends.length === 1 && ends[0] === each,
    },
  }));
};
