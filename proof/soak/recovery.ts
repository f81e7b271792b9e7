// How long killed work took to go on. Pure.
//
// R1. Only a task that was not over at the kill, and one of whose events the killed process was handling, is measured.
// R2. A task's recovery runs from the SIGKILL to the next event in any of its streams, by the database's time of the write.
// R3. A claim's recovery runs from the SIGKILL to the next claim of the same work, and exists only where the process died holding it:
//     the stream's latest claim before the kill was unsettled, and the next event of the stream is another claim. (When it is not, the
//     work was another process's, or its commit was already on its way.)
// R3 is the stricter: a task with parallel work shows life while a part of it is dead.

/** A process was killed while it handled an event about this work. */
export interface Interruption {
  /** Milliseconds since the epoch. */
  readonly killedAt: number;
  readonly org: string;
  readonly task: string;
  /** An assignment, or `task` for the task's own stream. */
  readonly stream: string;
}

export interface TimedEvent {
  readonly stream: string;
  readonly seq: number;
  readonly type: string;
  /** The database's time of the write, in milliseconds since the epoch. */
  readonly at: number;
}

export interface Recovery {
  readonly taskMs: number | undefined;
  readonly claimMs: number | undefined;
}

const ends: ReadonlySet<string> = new Set(['task.completed', 'task.failed', 'task.canceled', 'task.rejected']);
const claims: ReadonlySet<string> = new Set(['task.analyzing', 'assignment.started']);
/** Events of a claimed piece of work that leave the claim standing. */
const underClaim: ReadonlySet<string> = new Set(['assignment.artifact_rejected', 'assignment.spend_recorded']);

/** Undefined when the task was over at the kill (R1). `events` are all events of the task. */
export const recoveryOf = ({ killedAt, stream }: Interruption, events: readonly TimedEvent[]): Recovery | undefined => {
  if (events.some(({ type, at }) => ends.has(type) && at <= killedAt)) return undefined;
  const next = Math.min(...events.map(({ at }) => at).filter((at) => at > killedAt));
  return {
    taskMs: Number.isFinite(next) ? next - killedAt : undefined,
    claimMs: claimRecovery(
      killedAt,
      events.filter((event) => event.stream === stream).toSorted((a, b) => a.seq - b.seq),
    ),
  };
};

const claimRecovery = (killedAt: number, stream: readonly TimedEvent[]): number | undefined => {
  const held = stream.filter(({ at, type }) => at <= killedAt && !underClaim.has(type)).at(-1);
  const next = stream.find(({ at, type }) => at > killedAt && type !== 'assignment.spend_recorded');
  if (!held || !next || !claims.has(held.type) || !claims.has(next.type)) return undefined;
  return next.at - killedAt;
};
