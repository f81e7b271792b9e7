// What the approval of a proposed change does: the change takes effect in the commit of the decision.
import { AppError } from '../../platform/errors.ts';
import type { Batch } from '../../platform/firestore.ts';
import type { Approval } from '../approvals/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { createKey, findKey } from '../gates/attestation-keys.firestore.ts';
import { readPolicy, writeChange } from './policies.ts';
import { addChange, findProposal, type NewChange } from './policy-changes.firestore.ts';

type Writes = (batch: Batch) => void;

/**
 * The writes that come with the approval of the request; none for a request of another kind. Throws `governance.proposal_outdated` when
 * the policy is no longer the one that was to be changed.
 */
export const confirmationOf = async ({ id, org, subject, decision }: Approval): Promise<Writes | undefined> => {
  if (subject.kind !== 'security-policy-change' || decision === null) return undefined;
  const proposal = await findProposal(org, id);
  if (!proposal) throw new AppError(governanceErrors.approvalNotFound);
  const { id: _id, ...proposed } = proposal;
  const change: NewChange = { ...proposed, step: 'made', approvedBy: decision.by, createdAt: decision.at };
  return change.subject.kind === 'policy' ? policyWrites(change) : keyWrites(change);
};

const policyWrites = async (change: NewChange): Promise<Writes> => {
  const { org, subject } = change;
  const { version, revision } = await readPolicy(org);
  if (subject.kind === 'policy' && subject.from !== version) {
    const detail = `It was proposed for version ${subject.from} of the policy, which is now at version ${version}.`;
    throw new AppError(governanceErrors.proposalOutdated, { detail });
  }
  return (batch) => writeChange(batch, change, revision);
};

/** A key that a main coordinator has registered meanwhile stays as it is. */
const keyWrites = async (change: NewChange): Promise<Writes | undefined> => {
  const { org, subject, by, createdAt } = change;
  if (subject.kind !== 'attestation-key-registered' || (await findKey(org, subject.key))) return undefined;
  const { key: id, name, jwk, gates } = subject;
  return (batch) => {
    createKey(batch, { id, org, name, jwk, gates, createdBy: by, createdAt, revokedBy: null, revokedAt: null });
    addChange(batch, change);
  };
};
