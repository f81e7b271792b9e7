// Registering a webhook, changing one, and removing it.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Revision, type Stored } from '../platform/firestore.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import type { OrgId } from '../platform/schemas.ts';
import { checkedUrl, newWebhookSecret } from '../platform/webhook.ts';
import { communicationErrors } from './errors.ts';
import { requestHash, webhookIdFor } from './ids.ts';
import type { Webhook, WebhookChanges, WebhookId, WebhookSettings } from './schemas.ts';
import { createWebhook, deleteWebhook, findWebhook, updateWebhook } from './webhooks.firestore.ts';

export interface RegisterWebhook {
  readonly org: OrgId;
  readonly settings: WebhookSettings;
  readonly key?: ScopedKey | undefined;
  readonly createdBy: string;
  readonly now: Date;
  /** For development: permits http and addresses that are not public. */
  readonly allowPrivate: boolean;
}

/** A webhook that was just made has its secret with it; nobody is told that again. */
export interface Registered {
  readonly stored: Stored<Webhook>;
  readonly secret?: string;
}

/**
 * Makes a webhook, or finds the one that this key brought before. Throws `webhook.bad_url`, `webhook.forbidden_address`,
 * `communication.too_many_webhooks`, and `communication.key_reused` when the key came with another request.
 */
export const registerWebhook = async (register: RegisterWebhook): Promise<Registered> => {
  const { org, settings, createdBy, now } = register;
  checkedUrl(settings.url, register.allowPrivate);
  const id = webhookIdFor(org, register.key);
  const webhook = {
    ...settings,
    id,
    org,
    requestHash: requestHash(settings),
    createdBy,
    createdAt: now,
    updatedAt: now,
  };
  const secret = newWebhookSecret();
  try {
    const revision = await createWebhook(webhook, { org, current: secret, previous: null });
    return { stored: { value: webhook, revision }, secret };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { stored: await sameRequest(webhook) };
  }
};

const sameRequest = async (wanted: Webhook): Promise<Stored<Webhook>> => {
  const stored = await findWebhook(wanted.org, wanted.id);
  if (stored?.value.requestHash !== wanted.requestHash) throw new AppError(communicationErrors.keyReused);
  return stored;
};

/** Throws `communication.webhook_not_found`. */
export const getWebhook = async (org: OrgId, id: WebhookId): Promise<Stored<Webhook>> => {
  const stored = await findWebhook(org, id);
  if (!stored) throw new AppError(communicationErrors.webhookNotFound);
  return stored;
};

export interface ChangeWebhook {
  readonly changes: WebhookChanges;
  /** The revision that the change was decided on. */
  readonly seen: Revision;
  readonly now: Date;
  readonly allowPrivate: boolean;
}

/**
 * Throws `communication.webhook_not_found`, `webhook.bad_url`, `webhook.forbidden_address`, and `store.conflict` when it is not
 * at the revision that was seen.
 */
export const changeWebhook = async (
  org: OrgId,
  id: WebhookId,
  { changes, seen, now, allowPrivate }: ChangeWebhook,
): Promise<Stored<Webhook>> => {
  const { value } = await getWebhook(org, id);
  const { url = value.url, kinds = value.kinds, to = value.to, disabled = value.disabled } = changes;
  const changed = { ...value, url, kinds, to, disabled, updatedAt: now };
  checkedUrl(changed.url, allowPrivate);
  return { value: changed, revision: await updateWebhook(changed, seen) };
};

/**
 * What was still to be delivered to it fails. Throws `communication.webhook_not_found`, and `store.conflict` when it is not at the
 * revision that was seen.
 */
export const removeWebhook = async (org: OrgId, id: WebhookId, seen: Revision): Promise<void> => {
  await getWebhook(org, id);
  await deleteWebhook(org, id, seen);
};
