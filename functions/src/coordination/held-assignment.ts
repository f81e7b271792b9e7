// An assignment in the hands of whoever claimed it: a run of ours, or an external agent by its lease. Every write is refused once
// another has claimed it (C2). The effect that it was claimed for is on record from the claim on, and ends in the commit of what
// follows from it (C3).
import { databaseTime, type Batch, type Stored } from '../platform/firestore.ts';
import { assignmentChange, type AssignmentChange } from './changes.ts';
import { writeEffect } from './effects.firestore.ts';
import { intended, type Effect } from './effects.ts';
import type { Assignment, AssignmentEventBody } from './schemas.ts';
import { findAssignment, saveTask, type TaskCommit } from './task-store.firestore.ts';

type CommitExtras = Omit<TaskCommit, 'org' | 'id' | 'assignments'> & {
  readonly others?: readonly AssignmentChange[];
};

export class HeldAssignment {
  #stored: Stored<Assignment>;
  #effect: Effect;

  constructor(stored: Stored<Assignment>, effect: Effect) {
    this.#stored = stored;
    this.#effect = effect;
  }

  get assignment(): Assignment {
    return this.#stored.value;
  }

  get effect(): Effect {
    return this.#effect;
  }

  /** Looks again whether the claim is still its holder's. */
  async stillHolds(): Promise<boolean> {
    const { org, task, id, epoch, seq } = this.assignment;
    const current = await findAssignment(org, task, id);
    return current?.value.epoch === epoch && current.value.seq === seq;
  }

  /** Says how the effect ended and what follows from it, in one commit. */
  async end(
    state: 'done' | 'failed' | 'unknown',
    event: AssignmentEventBody,
    extras: CommitExtras = {},
  ): Promise<Stored<Assignment>> {
    const ended = { ...this.#effect, state, endedAt: databaseTime() };
    return this.#append(event, extras, [ended]);
  }

  /** Says that the answer was refused, and that its repair is about to be asked for. */
  async repair(event: AssignmentEventBody, refused: NonNullable<Effect['refused']>): Promise<void> {
    const now = databaseTime();
    const ended: Effect = { ...this.#effect, state: 'done', refused, endedAt: now };
    const next = intended(this.assignment, this.#effect.kind, this.#effect.step + 1, now);
    await this.#append(event, {}, [ended, next]);
    this.#effect = next;
  }

  /** Writes something that does not end the effect. */
  async note(event: AssignmentEventBody): Promise<Stored<Assignment>> {
    return this.#append(event, {}, []);
  }

  async #append(
    event: AssignmentEventBody,
    extras: CommitExtras,
    effects: readonly Effect[],
  ): Promise<Stored<Assignment>> {
    const { org, task: id } = this.assignment;
    const change = assignmentChange(this.#stored, [event], databaseTime());
    const { others = [], also, ...rest } = extras;
    const revision = await saveTask({
      org,
      id,
      assignments: [change, ...others],
      also: (batch: Batch) => {
        for (const effect of effects) writeEffect(batch, effect);
        also?.(batch);
      },
      ...rest,
    });
    this.#stored = { value: change.after, revision };
    return this.#stored;
  }
}
