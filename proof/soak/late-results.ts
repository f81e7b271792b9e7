// Which results came too late: their holder had lost the claim. Pure.

/** An event of an assignment, as far as claims go by it. */
export interface ClaimEvent {
  /** Names the assignment among all. */
  readonly stream: string;
  readonly seq: number;
  readonly type: string;
  readonly epoch: number;
}

/**
 * What a run spent is written apart from its result also when a cancel cut it off; it was refused only where somebody else had
 * claimed the work before.
 */
export const lateResultsIn = (events: readonly ClaimEvent[]): number =>
  [...Map.groupBy(events, ({ stream }) => stream).values()].reduce((sum, stream) => sum + lateInStream(stream), 0);

const lateInStream = (stream: readonly ClaimEvent[]): number => {
  const claims = stream.filter(({ type }) => type === 'assignment.started');
  const spent = stream.filter(({ type }) => type === 'assignment.spend_recorded');
  return spent.filter(({ seq, epoch }) => claims.some((claim) => claim.seq < seq && claim.epoch > epoch)).length;
};
