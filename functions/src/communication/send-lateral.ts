// A lateral message that somebody sends by hand.
import { isDeepStrictEqual } from 'node:util';
import { AppError, isError } from '../platform/errors.ts';
import { commit, storeErrors } from '../platform/firestore.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import type { OrgId } from '../platform/schemas.ts';
import { communicationErrors } from './errors.ts';
import { addMessage, findMessage, messageOf, type MessageDraft } from './messages.firestore.ts';
import type { LateralBody, Message } from './schemas.ts';

export interface SendLateral {
  readonly org: OrgId;
  readonly body: LateralBody;
  /** Two messages with the same one are one. */
  readonly key: ScopedKey;
  readonly now: Date;
}

/** `replayed` when this key brought the same message before. Throws `communication.key_reused` when it brought another. */
export const sendLateral = async ({
  org,
  body,
  key,
  now,
}: SendLateral): Promise<{ message: Message; replayed: boolean }> => {
  const draft: MessageDraft = { org, key: JSON.stringify(key), kind: 'lateral', task: null, body };
  const message = messageOf(draft, now);
  try {
    await commit((batch) => addMessage(batch, draft, now));
    return { message, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { message: await sameMessage(message), replayed: true };
  }
};

const sameMessage = async (wanted: Message): Promise<Message> => {
  const stored = await findMessage(wanted.org, wanted.id);
  if (!stored || !isDeepStrictEqual(stored.value.body, wanted.body)) throw new AppError(communicationErrors.keyReused);
  return stored.value;
};
