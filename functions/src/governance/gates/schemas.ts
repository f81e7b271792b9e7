// The records of the quality gates: what a gate accepts, what was brought, and the verdict. A leaf.
import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { filledText, idPattern, instant, orgId, role } from '../../platform/schemas.ts';

export const gateIds = [
  'tests',
  'security',
  'documentation',
  'performance',
  'error-handling',
  'monitoring',
  'backup',
  'code-review',
] as const;
export const gateId = z.enum(gateIds);
export type GateId = z.infer<typeof gateId>;

/** A validator of ours, a specialist's review, CI with a registered key, a person; and the approved decision to do without. */
export const evidenceSources = ['validator', 'verdict', 'attestation', 'human', 'waiver'] as const;
export const evidenceSource = z.enum(evidenceSources);
export type EvidenceSource = z.infer<typeof evidenceSource>;

export const evidenceOutcome = z.enum(['passed', 'failed']);
export type EvidenceOutcome = z.infer<typeof evidenceOutcome>;

/** Who vouches for a piece of evidence. `agent`: a specialist with the version of its role card and the model that answered. */
export const attester = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('agent'),
    agent: z.string(),
    version: z.int().nullable(),
    provider: z.string().nullable(),
    model: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('person'), uid: z.string(), role }),
  z.strictObject({ kind: z.literal('key'), key: z.string(), name: z.string() }),
]);
export type Attester = z.infer<typeof attester>;

/** One statement about one gate, with its provenance. A newer statement on the same subject replaces an older one. */
export const evidence = z.strictObject({
  gate: gateId,
  source: evidenceSource,
  outcome: evidenceOutcome,
  /** What was judged: the assignment whose work it was, or the named check of a CI. */
  subject: z.string(),
  /** The record that says so: an assignment, an attestation or an approval. */
  ref: z.string(),
  by: attester,
  at: instant,
  detail: z.string(),
  /** It passes what it cannot have seen: the work is newer. It is listed, and decides nothing. */
  outdated: z.boolean(),
  /** A person passes what they submitted, or asked to have waived. It is listed, and decides nothing. */
  interested: z.boolean().default(false),
});
export type Evidence = z.infer<typeof evidence>;

export const gateStatus = z.enum(['passed', 'failed', 'no_evidence', 'waived']);
export type GateStatus = z.infer<typeof gateStatus>;

export const gateVerdict = z.strictObject({
  gate: gateId,
  /** Version of the gate's definition that was applied. */
  version: z.int().positive(),
  /** Version of the policy that it was judged by, 0 for the defaults; null for what was judged before versions were kept. */
  policyVersion: z.int().nullable().default(null),
  title: z.string(),
  required: z.boolean(),
  status: gateStatus,
  /** What stands, strongest first; `decides` marks what the status follows from. */
  evidence: z.array(evidence.omit({ gate: true }).extend({ decides: z.boolean() })),
  /** What would move the gate on, any one of these; empty once it is passed or waived. */
  needed: z.array(z.string()),
});
export type GateVerdict = z.infer<typeof gateVerdict>;

const base64url = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), `must be ${bytes} bytes in base64url`);

/** A public key as a JWK (RFC 7517), reduced to what makes the key (RFC 7638). A private part is refused. */
export const publicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url(32) }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url(32), y: base64url(32) }),
]);
export type PublicJwk = z.infer<typeof publicJwk>;

export const attestationKeyId = z.string().regex(/^key_[a-f0-9]{20}$/, 'is not an attestation key id');

/** What an operator registers: a CI's public key and the gates that it may speak for. */
export const keyRegistration = z.strictObject({
  name: filledText(100),
  jwk: publicJwk,
  gates: boundedArray(gateId, gateIds.length)
    .min(1)
    .transform((gates) => gateIds.filter((gate) => gates.includes(gate))),
});
export type KeyRegistration = z.infer<typeof keyRegistration>;

const person = z.strictObject({ uid: z.string(), role });

/** `orgs/{org}/attestationKeys/{key}`. A revoked key stays on record, as earlier attestations name it. */
export const attestationKey = z.object({
  id: attestationKeyId,
  org: orgId,
  name: z.string(),
  jwk: publicJwk,
  gates: z.array(gateId),
  createdBy: person,
  createdAt: instant,
  revokedBy: person.nullable(),
  revokedAt: instant.nullable(),
});
export type AttestationKey = z.infer<typeof attestationKey>;

const checkName = z.string().regex(idPattern, 'must be 1 to 64 of a-z, 0-9, - and _');

const summary = filledText(2_000);
const link = z.url({ protocol: /^https$/ }).max(2_000);

/** What is said of a gate. Without a token the caller says it; with a token its signer does, and both must agree. */
export const attestationRequest = z
  .strictObject({
    gate: gateId,
    status: evidenceOutcome,
    summary: summary.optional().meta({
      description:
        'Required without a token. Beside a token it is kept as said by whoever brings that, not by its signer.',
    }),
    url: link.optional(),
    token: z.string().min(1).max(8_192).optional(),
  })
  .refine((request) => request.token !== undefined || request.summary !== undefined, {
    path: ['summary'],
    message: 'is needed without a token',
  });
export type AttestationRequest = z.infer<typeof attestationRequest>;

/**
 * The claims of an attestation token. None may be added: one that we ignored, `nbf` say, would be believed by its author.
 * `check` names one of several checks that the same gate rests on, e.g. `unit` and `load`; the newest of each stands.
 */
export const attestationClaims = z.strictObject({
  org: orgId,
  /** Left out of a token that speaks of the org as a whole. */
  task: z.string().min(1).max(64).nullable().default(null),
  gate: gateId,
  status: evidenceOutcome,
  check: checkName.default('default'),
  summary: summary.optional(),
  url: link.optional(),
  commit: z
    .string()
    .regex(/^[a-f0-9]{7,64}$/, 'must be 7 to 64 lower-case hex digits')
    .optional(),
  iat: z.int().positive(),
  exp: z.int().positive(),
  jti: z.string().min(1).max(128),
});
export type AttestationClaims = z.infer<typeof attestationClaims>;

export const attestationId = z.string().regex(/^att_[a-f0-9]{20}$/, 'is not an attestation id');

/**
 * `orgs/{org}/tasks/{task}/attestations/{attestation}`: a statement from outside; what is said of the org as a whole lies at
 * `orgs/{org}/attestations/{attestation}`. Never changed.
 */
export const attestation = z.object({
  id: attestationId,
  org: orgId,
  task: z.string().nullable(),
  gate: gateId,
  status: evidenceOutcome,
  check: z.string(),
  summary: z.string(),
  url: z.string().nullable(),
  commit: z.string().nullable(),
  by: attester,
  /** Who brought the token of a CI, and what they said beside it. Null without a token, and where it was not kept. */
  broughtBy: person.extend({ summary: z.string().nullable(), url: z.string().nullable() }).nullable().default(null),
  /** When it was said: a token's time of issue. */
  at: instant,
  createdAt: instant,
});
export type Attestation = z.infer<typeof attestation>;
