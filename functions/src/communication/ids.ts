// Ids follow from what a record is for, so doing the same thing twice meets the same document (C9).
import { jsonHash } from '../platform/hash.ts';
import { idHash, type ScopedKey } from '../platform/idempotency.ts';
import type { DeliveryId, MessageId, WebhookId } from './schemas.ts';

export const messageIdFor = (org: string, key: string): MessageId => `msg_${jsonHash([org, key]).slice(0, 20)}`;

/** Without a key every registration is a webhook of its own. */
export const webhookIdFor = (org: string, key: ScopedKey | undefined): WebhookId => `whk_${idHash(org, key)}`;

export const deliveryIdFor = (message: MessageId, webhook: WebhookId | null): DeliveryId =>
  `${message}.${webhook ?? 'topic'}`;

/** Fingerprint of a parsed request: its fields are in the order of the schema. */
export const requestHash = (request: unknown): string => jsonHash(request);
