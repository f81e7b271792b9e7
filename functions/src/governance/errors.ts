import { defineErrors } from '../platform/errors.ts';

export const governanceErrors = defineErrors('governance', {
  approvalNotFound: { status: 404, title: 'There is no such approval request', retry: 'never' },
  approvalIsOver: { status: 409, title: 'The approval request is over already', retry: 'never' },
  approvalPending: { status: 409, title: 'The same is asked for already', retry: 'never' },
  proposalOutdated: { status: 409, title: 'The policy has changed since the change was proposed', retry: 'never' },
  notYoursToAttest: { status: 403, title: 'The statement is not yours to make', retry: 'never' },
  notYoursToDecide: { status: 403, title: 'The decision is not yours', retry: 'never' },
  tooManyDelegations: { status: 422, title: 'The request was delegated too often', retry: 'never' },
  attestationInvalid: { status: 422, title: 'The attestation token does not hold', retry: 'never' },
  keyReused: { status: 409, title: 'The idempotency key was used with another request', retry: 'never' },
  attestationNotFound: { status: 404, title: 'There is no such attestation', retry: 'never' },
  attestationKeyNotFound: { status: 404, title: 'There is no such attestation key', retry: 'never' },
  attestationKeyExists: { status: 409, title: 'The key is registered already', retry: 'never' },
  attestationKeyUnusable: { status: 422, title: 'The key cannot be used', retry: 'never' },
  tooManyAttestationKeys: {
    status: 422,
    title: 'The organisation has as many attestation keys as it may have',
    retry: 'never',
  },
  evidenceNotAccepted: { status: 422, title: 'The gate does not accept such evidence', retry: 'never' },
  escalationNotFound: { status: 404, title: 'There is no such escalation', retry: 'never' },
  escalationTaken: { status: 409, title: 'Somebody else has seen to the escalation', retry: 'never' },
  escalationKeyReused: { status: 409, title: 'The key was used to raise something else', retry: 'never' },
});
