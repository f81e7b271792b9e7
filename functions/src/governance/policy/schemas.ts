// What an org asks of us: gates, approvals, escalations, money, data, reports, limits. A leaf. Every part has a default, so a
// policy may name only what differs, and one that was stored before a part existed still reads.
import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { filledText, instant, nanoUsd, orgId, role } from '../../platform/schemas.ts';
import { attestationKeyId, gateId, publicJwk, type GateId } from '../gates/schemas.ts';

/** More than there are gates, roles or safeguards: of each a policy may name all. */
const maxNamed = 20;

const minutes = z.int().min(1).max(525_600);

/** An agent never decides on what agents ask for, whatever the policy says. */
export const decider = role.exclude(['agent']);

/** What the deadline of a request that nobody answers stands for. */
export const onSilence = z.enum(['approve', 'reject', 'pause']);

export const approvalPolicy = z.strictObject({
  mayDecide: boundedArray(decider, maxNamed).min(1).default(['main-coordinator', 'operator']),
  deadlineMinutes: minutes.default(480).meta({
    description: 'After half of it those who may decide are reminded; after all of it `onSilence` holds.',
  }),
  onSilence: onSilence.default('pause').meta({
    description:
      'What a request comes to that nobody has decided in time. `pause`: the task stays as it is until its own deadline, and can still be decided on; its results can be used by a retry or a fork.',
  }),
});
export type ApprovalPolicy = z.infer<typeof approvalPolicy>;

export const escalationParty = z.enum(['peer', 'main-coordinator', 'human']);

const climbs = (steps: readonly { afterMinutes: number }[]): boolean =>
  steps.every(({ afterMinutes }, index) => afterMinutes > (steps[index - 1]?.afterMinutes ?? -1));

/** Who is told when; minutes count from the moment at which the escalation was raised. */
const ladderStep = z.strictObject({ party: escalationParty, afterMinutes: z.int().min(0).max(525_600) });
const ladder = boundedArray(ladderStep, 10)
  .min(1)
  .refine(climbs, 'each step must come later than the one before')
  .meta({ description: 'Each step comes later than the one before.' });

const budget = nanoUsd.refine((amount) => amount >= 0n, 'must not be negative').nullable();

/** What must hold for a collection that has a field of the class. */
export const safeguard = z.enum(['security-rules', 'retention']);
export type Safeguard = z.infer<typeof safeguard>;

/** Data that needs care, known by the names of its fields. In a pattern `*` stands for any characters; case does not count. */
export const dataClass = z.strictObject({
  name: filledText(64),
  fields: boundedArray(
    z.string().regex(/^[A-Za-z0-9_*.-]{1,64}$/, 'must be 1 to 64 letters, digits, _, ., - and *'),
    50,
  ).min(1),
  requires: boundedArray(safeguard, maxNamed).min(1),
});
export type DataClass = z.infer<typeof dataClass>;

const personalData: DataClass = {
  name: 'personal',
  fields: ['*email*', '*phone*', '*address*', '*birth*', 'firstName', 'lastName', 'fullName'],
  requires: ['security-rules'],
};

/** The gates whose evidence the team itself can bring. */
export const usualGates: readonly GateId[] = ['security', 'documentation', 'performance'];

export const orgPolicy = z.strictObject({
  requiredGates: boundedArray(gateId, maxNamed)
    .refine((gates) => new Set(gates).size === gates.length, 'must not name a gate twice')
    .nullable()
    .default(null)
    .meta({
      uniqueItems: true,
      description: `What must hold before work is published. null means the usual: ${usualGates.join(', ')}, and of a plan of the caller’s own only those that its work can speak to. A list holds as it stands, for every plan.`,
    }),
  approvals: approvalPolicy.prefault({}),
  escalation: z
    .strictObject({
      ladder: ladder.default([
        { party: 'peer', afterMinutes: 0 },
        { party: 'main-coordinator', afterMinutes: 15 },
        { party: 'human', afterMinutes: 60 },
      ]),
    })
    .prefault({}),
  budget: z
    .strictObject({ taskNanoUsd: budget.default(null), monthlyNanoUsd: budget.default(null) })
    .prefault({})
    .meta({ description: 'Integer nano-USD; null means no limit.' }),
  dataClasses: boundedArray(dataClass, 50).default([personalData]),
  backupMaxAgeHours: z
    .int()
    .min(1)
    .max(8_760)
    .default(168)
    .meta({ description: 'How long the proof of a tested backup counts.' }),
  reports: z
    .strictObject({ onChange: z.boolean().default(true), everyMinutes: minutes.nullable().default(null) })
    .prefault({})
    .meta({ description: 'When the main coordinator is told how a task stands, besides its end.' }),
  limits: z
    .strictObject({
      concurrentAssignments: z
        .int()
        .min(1)
        .max(10_000)
        .default(100)
        .meta({ description: 'How many assignments of the org may be worked on at the same time, times `weight`.' }),
      weight: z.int().min(1).max(100).default(1).meta({ description: 'A factor on `concurrentAssignments`.' }),
    })
    .prefault({}),
  changes: z
    .strictObject({
      confirmedBy: z.enum(['main-coordinator', 'second-person']).default('main-coordinator').meta({
        description:
          'Who confirms what an operator loosens, and a key that an operator registers: a main coordinator, or also another operator.',
      }),
    })
    .prefault({}),
});
export type OrgPolicy = z.infer<typeof orgPolicy>;

/** The policy of an org that has stored none. */
export const defaultPolicy: OrgPolicy = orgPolicy.parse({});

const person = z.strictObject({ uid: z.string(), role });

/** `orgs/{org}/policy/current`: the policy and who set it. */
export const policyRecord = z.object({
  org: orgId,
  policy: orgPolicy,
  /** Counts its changes. Records from before they were counted have the first version. */
  version: z.int().positive().default(1),
  changedBy: person,
  changedAt: instant,
});
export type PolicyRecord = z.infer<typeof policyRecord>;

export const policyChangeId = z.string().regex(/^chg_[a-f0-9]{20}$/, 'is not the id of a change');

/** What changed. `loosens` names what asks for less than before, or allows more; an empty list tightens. */
export const changedSubject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('policy'),
    /** The version that was changed; 0: the defaults. */
    from: z.int(),
    before: orgPolicy,
    after: orgPolicy,
    loosens: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('attestation-key-registered'),
    key: attestationKeyId,
    name: z.string(),
    gates: z.array(gateId),
    jwk: publicJwk,
  }),
  z.strictObject({ kind: z.literal('attestation-key-revoked'), key: attestationKeyId, name: z.string() }),
]);

/** `orgs/{org}/policyChanges/{change}`: one change of what an org is judged by, or the proposal of one. Never changed or deleted. */
export const policyChange = z.object({
  id: policyChangeId,
  org: orgId,
  /** `proposed`: it takes effect once the approval is given, and is then on record again as `made`. */
  step: z.enum(['proposed', 'made']),
  subject: changedSubject,
  /** Who changed it, or proposed to. */
  by: person,
  /** The request by which it was proposed, and who approved that. */
  approval: z.string().nullable(),
  approvedBy: person.nullable(),
  createdAt: instant,
});
export type PolicyChange = z.infer<typeof policyChange>;
