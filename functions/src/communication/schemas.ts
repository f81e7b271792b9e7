// The records of communication: what goes out, to whom, and what came of it. A leaf: every type comes from its schema.
import { z } from 'zod';
import { boundedArray, boundedRecord } from '../platform/bounded.ts';
import { instant, orgId } from '../platform/schemas.ts';
import { storedBytes } from '../platform/stored-size.ts';

export const messageId = z.string().regex(/^msg_[a-z0-9]{20}$/, 'is not a message id');
export type MessageId = z.infer<typeof messageId>;

export const webhookId = z.string().regex(/^whk_[a-z0-9]{20}$/, 'is not a webhook id');
export type WebhookId = z.infer<typeof webhookId>;

export const deliveryId = z.string().regex(/^msg_[a-z0-9]{20}\.(?:whk_[a-z0-9]{20}|topic)$/, 'is not a delivery id');
export type DeliveryId = z.infer<typeof deliveryId>;

const upwardKinds = ['report', 'escalation', 'approval'] as const;
export const messageKinds = [...upwardKinds, 'lateral'] as const;
export const messageKind = z.enum(messageKinds);
export type MessageKind = z.infer<typeof messageKind>;

const peers = ['frontend-coordinator', 'quality-coordinator', 'devops-coordinator'] as const;
export const recipients = ['main-coordinator', ...peers] as const;
export const recipient = z.enum(recipients);
export type Recipient = z.infer<typeof recipient>;

const self = z.literal('backend-coordinator');

/** The upward message of the specification. A report's status is the task's; the others say what is asked for. */
export const upwardBody = z.strictObject({
  agent: self,
  status: z.enum(['update', 'completed', 'failed', 'canceled', 'rejected', 'escalation', 'approval_required']),
  summary: z.string(),
  metrics: z.record(z.string(), z.union([z.string(), z.number()])),
  concerns: z.array(z.string()),
});
export type UpwardBody = z.infer<typeof upwardBody>;

// Two levels are what the database can hold whatever the content: it knows no arrays within arrays.
const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const fieldName = z.string().regex(namePattern, 'must be a letter and up to 63 of A-Z, a-z, 0-9, _ and -');
const scalar = z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]);
const field = z.union([scalar, boundedArray(scalar, 200)]);

const maxFields = 100;
const fields = <S extends z.ZodType>(value: S) =>
  boundedRecord(fieldName, value, maxFields).meta({
    maxProperties: maxFields,
    propertyNames: { type: 'string', pattern: namePattern.source },
  });

/** A quarter of what a document may hold: a page of messages is read into the memory of one instance. */
const maxContentBytes = 262_144;
const content = fields(z.union([field, fields(field)]))
  .refine((each) => storedBytes(each) <= maxContentBytes, `must take at most ${maxContentBytes} bytes in the database`)
  .meta({
    description: `At most ${maxContentBytes} bytes as the database counts them: 8 for a number, 1 more than its UTF-8 for a text.`,
  });

/** The lateral message of the specification, to a coordinator of the same rank. */
export const lateralBody = z.strictObject({
  from: self,
  to: z.enum(peers),
  type: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and _'),
  content,
});
export type LateralBody = z.infer<typeof lateralBody>;

const envelope = {
  id: messageId,
  org: orgId,
  to: recipient,
  task: z.string().nullable(),
  /** What it is about, as a path of the API, e.g. `approvals/apr_1`. */
  subject: z.string().nullable(),
  createdAt: instant,
  /** When the sweeper looks whether it was forgotten; null once its deliveries are recorded. */
  wakeAt: instant.nullable(),
};

/** `orgs/{org}/messages/{id}`: something said to another coordinator. It never changes but for `wakeAt`. */
export const message = z.discriminatedUnion('kind', [
  z.object({ ...envelope, kind: z.enum(upwardKinds), body: upwardBody }),
  z.object({ ...envelope, kind: z.literal('lateral'), body: lateralBody }),
]);
export type Message = z.infer<typeof message>;

/** What the owner of a webhook decides. */
export const webhookSettings = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2_048)
    .meta({ format: 'uri', pattern: '^https?://', examples: ['https://example.com/hook'] }),
  kinds: boundedArray(messageKind, messageKinds.length)
    .min(1)
    .default([...messageKinds]),
  to: boundedArray(recipient, recipients.length)
    .min(1)
    .default([...recipients]),
  disabled: z.boolean().default(false),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;

/** The same without the defaults: what is left out stays as it is. */
export const webhookChanges = z
  .strictObject({
    url: webhookSettings.shape.url,
    kinds: webhookSettings.shape.kinds.unwrap(),
    to: webhookSettings.shape.to.unwrap(),
    disabled: webhookSettings.shape.disabled.unwrap(),
  })
  .partial();
export type WebhookChanges = z.infer<typeof webhookChanges>;

/** `orgs/{org}/webhooks/{id}`: an endpoint that messages are posted to. */
export const webhook = z.object({
  ...webhookSettings.shape,
  id: webhookId,
  org: orgId,
  requestHash: z.string(),
  createdBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
});
export type Webhook = z.infer<typeof webhook>;

/** `orgs/{org}/webhookSecrets/{id}`: apart from the webhook, as no client may ever read it. */
export const webhookSecret = z.object({
  org: orgId,
  current: z.string(),
  /** Signs as well until then, so that a receiver can change over without missing anything. */
  previous: z.strictObject({ secret: z.string(), until: instant }).nullable(),
});
export type WebhookSecret = z.infer<typeof webhookSecret>;

/**
 * One request to a webhook, or one try to publish. `unknown`: it was begun and nothing is on record of its end, so it may have arrived. `accepted`: 2xx.
 * `refused`: any other answer. `unreachable`: none.
 */
export const attempt = z.strictObject({
  at: instant,
  outcome: z.enum(['unknown', 'accepted', 'refused', 'unreachable']),
  status: z.int().nullable(),
  error: z.string().nullable(),
  ms: z.int().nullable(),
});
export type Attempt = z.infer<typeof attempt>;

const deliveryStates = ['pending', 'delivered', 'failed'] as const;
export const deliveryState = z.enum(deliveryStates);
export type DeliveryState = z.infer<typeof deliveryState>;

/** `orgs/{org}/deliveries/{message}.{webhook}`, or `….topic`: the fate of one message at one webhook, or on its topic. */
export const delivery = z.object({
  id: deliveryId,
  org: orgId,
  message: messageId,
  /** Null: the topic. */
  webhook: webhookId.nullable(),
  state: deliveryState,
  /** The latest ones, oldest first. */
  attempts: z.array(attempt),
  /** Attempts since it was made or, by hand, started anew; and when that was. */
  tries: z.int(),
  startedAt: instant,
  /** Null while an attempt is under way, and once there will be no more. */
  nextAttemptAt: instant.nullable(),
  /** When the sweeper looks at it; null once it is over. */
  wakeAt: instant.nullable(),
  createdAt: instant,
});
export type Delivery = z.infer<typeof delivery>;
