import type { SpecialistId } from '../../agents/index.ts';
import { AppError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { coordinationErrors } from '../errors.ts';
import { getArtifact } from '../read-task.ts';
import type { Artifact, TaskId } from '../schemas.ts';
import { assignmentsOfSpecialist } from '../task-store.firestore.ts';
import { holderOf } from './claim-for-agent.ts';

export interface InputOfWork {
  readonly org: OrgId;
  readonly agent: SpecialistId;
  readonly task: TaskId;
  readonly artifact: string;
}

/** An input of work that the agent holds; `coordination.artifact_not_found` for whatever else there is (X1). */
export const readInput = async ({ org, agent, task, artifact }: InputOfWork): Promise<Artifact> => {
  const own = await assignmentsOfSpecialist(org, task, agent);
  const isInput = own.some(
    ({ owner, dependsOn }) => owner?.instance === holderOf(agent) && dependsOn.includes(artifact),
  );
  if (!isInput) throw new AppError(coordinationErrors.artifactNotFound);
  return getArtifact(org, task, artifact);
};
