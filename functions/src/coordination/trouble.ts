// Who keeps work from going on, other than by being busy for a moment: a model provider, or the agent that the work is for. A task shows
// them among its waits, and they go when the work goes on. Pure.
//
// W1. A party stands among the waits once, whatever number of assignments wait for it (C7).
// W2. Its wait says what is wrong, when the work is tried again, and that it fails by its deadline.
import { agentErrors } from '../agents/errors.ts';
import { llmErrors, type LlmCall } from '../llm/index.ts';
import { AppError } from '../platform/errors.ts';
import { mustEndBy } from './assignment-state.ts';
import { coordinationErrors } from './errors.ts';
import type { Assignment, Task, Wait } from './schemas.ts';

export interface Trouble {
  readonly kind: 'provider' | 'agent';
  /** `provider:<name>` or `agent:<id>`. */
  readonly party: string;
  readonly reason: string;
}

const ofAgent: ReadonlySet<string> = new Set([
  coordinationErrors.agentDisabled.code,
  coordinationErrors.agentGaveBack.code,
  coordinationErrors.agentSilent.code,
  agentErrors.unreachable.code,
]);

const ofProviders: ReadonlySet<string> = new Set([
  llmErrors.providersRefuseUs.code,
  llmErrors.allProvidersFailed.code,
  llmErrors.deadlineExceeded.code,
]);

/** For people to cure: it is shown after the first try that meets it. */
const shownAtOnce: ReadonlySet<string> = new Set([
  llmErrors.providersRefuseUs.code,
  coordinationErrors.agentDisabled.code,
]);

/** With the pauses between tries, about a minute of trouble. */
const shownAfterTries = 5;

/** Who was in the way of a try that failed so; nobody when it may well have been for a moment only. */
export const troublesOf = (
  error: AppError | undefined,
  calls: readonly LlmCall[],
  { specialist, failedTries }: Pick<Assignment, 'specialist' | 'failedTries'>,
): Trouble[] => {
  if (!error || (!shownAtOnce.has(error.code) && failedTries < shownAfterTries)) return [];
  if (ofAgent.has(error.code)) return [agentTrouble(specialist, error.detail)];
  return ofProviders.has(error.code) ? providerTroubles(calls) : [];
};

export const agentTrouble = (specialist: string, reason: string): Trouble => ({
  kind: 'agent',
  party: `agent:${specialist}`,
  reason,
});

/** By what each of them failed last. */
const providerTroubles = (calls: readonly LlmCall[]): Trouble[] =>
  [...new Map(calls.map((call) => [call.provider, call])).values()].map(({ provider, model, error }) => ({
    kind: 'provider',
    party: `provider:${provider}`,
    reason: `${model}: ${error ?? 'no answer'}`,
  }));

/** W2. */
export const waitFor = (
  { kind, party, reason }: Trouble,
  assignment: Pick<Assignment, 'retryAt'> & Parameters<typeof mustEndBy>[0],
): Wait => ({
  id: party,
  kind,
  assignment: null,
  party,
  reason,
  deadlineAt: mustEndBy(assignment),
  onSilence: 'fail',
  retryAt: assignment.retryAt,
});

/** W1: those that are not shown yet, or whose time of the next try has passed. */
export const unshown = ({ waits }: Pick<Task, 'waits'>, wanted: readonly Wait[], now: Date): Wait[] =>
  wanted.filter(({ id, reason }) => {
    const shown = waits.find((wait) => wait.id === id);
    return !shown || shown.reason !== reason || (shown.retryAt ?? now) < now;
  });

/** The waits for parties that nothing which is unfinished has trouble with. `silent`: agents that leave work lying. */
export const endedTroubles = (
  { waits }: Pick<Task, 'waits'>,
  assignments: readonly Pick<Assignment, 'state' | 'failedTries' | 'specialist'>[],
  silent: readonly string[] = [],
): Wait[] => {
  const troubled = assignments.filter(
    ({ state, failedTries }) => (state === 'ready' || state === 'running') && failedTries > 0,
  );
  return waits.filter(({ kind, party }) => {
    if (kind === 'provider') return troubled.length === 0;
    const isHis = troubled.some(({ specialist }) => party === `agent:${specialist}`);
    return kind === 'agent' && !isHis && !silent.includes(party);
  });
};
