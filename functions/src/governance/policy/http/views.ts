// The policy and its history as callers see them: money as decimal strings.
import { z } from '@hono/zod-openapi';
import { wire } from '../../../platform/http/wire.ts';
import { requestedNanoUsd } from '../../../platform/schemas.ts';
import { changedSubject, orgPolicy, policyChange, type PolicyChange } from '../schemas.ts';

const inJson = (amount: z.ZodString) => {
  const limit = amount.nullable().default(null).openapi({
    description: 'Integer nano-USD; null means no limit.',
    example: '5000000000',
  });
  return orgPolicy.extend({ budget: z.strictObject({ taskNanoUsd: limit, monthlyNanoUsd: limit }).prefault({}) });
};

export const newPolicy = inJson(requestedNanoUsd).openapi('NewPolicy', {
  example: {
    requiredGates: ['security', 'documentation'],
    budget: { taskNanoUsd: '5000000000' },
    limits: { concurrentAssignments: 50 },
  },
});
export const policyView = inJson(z.string().regex(/^\d{1,19}$/)).openapi('Policy');

const [policyChanged, keyRegistered, keyRevoked] = changedSubject.options;

export const policyChangeView = policyChange
  .omit({ org: true })
  .extend({
    subject: z.discriminatedUnion('kind', [
      policyChanged.extend({ before: policyView, after: policyView }),
      keyRegistered,
      keyRevoked,
    ]),
    createdAt: z.iso.datetime(),
  })
  .openapi('PolicyChange');

export const viewPolicyChange = ({ org: _org, ...shown }: PolicyChange) => wire(shown);
