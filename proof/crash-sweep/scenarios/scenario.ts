import type { Stage, StagedTask } from '../stage.ts';

/** A small task that takes the engine through one of its ways, and what somebody does about it. */
export interface Scenario {
  readonly name: string;
  /** The submission without its title. */
  readonly submission: object;
  /** Goes into the title, which every prompt holds. */
  readonly marker?: string;
  /** How long after its submission the task must be over; the engine's default when left out. */
  readonly deadlineMs?: number;
  /** The states in which the task may end, however often processes die. */
  readonly ends: readonly string[];
  /** What the org has set up before; no process dies of it. */
  readonly before?: (stage: Stage, org: string) => Promise<void>;
  /**
   * What somebody does while the task runs; resolves at once when the task is over before it comes to that, with the task whose end
   * counts: this one, or another that has come of it.
   */
  readonly meanwhile?: (stage: Stage, task: StagedTask) => Promise<StagedTask>;
}

export const markdown = (id: string, dependsOn: readonly string[] = [], instructions = '') => ({
  id,
  specialist: 'nodejs-expert',
  title: `Write ${id}`,
  instructions,
  artifactKind: 'markdown',
  dependsOn,
});

/** Named, so that no model is asked for it. */
export const category = 'performance';

/** Of an org that has none yet. */
export const setPolicy = async (stage: Stage, org: string, policy: object): Promise<void> => {
  await stage.ask({
    as: { org, role: 'main-coordinator' },
    call: 'PUT /v1/policy',
    headers: { 'if-match': '"0.0"' },
    body: policy,
  });
};
