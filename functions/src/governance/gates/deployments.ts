// Where CI says that the work of a task runs. Such a statement ticks a box of the scratchpad; it is evidence for no gate. Pure.
import type { Attestation } from './schemas.ts';

/** The check, and the place that it speaks of. CI attests it on whichever gate its key may speak for. */
const checks = { staging: 'deployed-to-staging', production: 'deployed-to-production' } as const;

export const isDeploymentCheck = (check: string): boolean => check === checks.staging || check === checks.production;

export interface Deployments {
  readonly staging: boolean;
  readonly production: boolean;
}

/** The newest statement of a check stands; of two at the same instant, the failure. */
export const deploymentsOf = (attestations: readonly Attestation[]): Deployments => ({
  staging: isAttested(attestations, checks.staging),
  production: isAttested(attestations, checks.production),
});

const isAttested = (attestations: readonly Attestation[], check: string): boolean => {
  const statements = attestations.filter((each) => each.by.kind === 'key' && each.check === check);
  const newest = Math.max(...statements.map(({ at }) => at.getTime()));
  const standing = statements.filter(({ at }) => at.getTime() === newest);
  return standing.length > 0 && standing.every(({ status }) => status === 'passed');
};
