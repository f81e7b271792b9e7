/** The event does not fit the state: a programming error, or a corrupt stream. */
export class ImpossibleEvent extends Error {
  constructor(state: string, type: string) {
    super(`Event ${type} cannot happen in state ${state}.`);
  }
}
