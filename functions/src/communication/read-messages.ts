import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { deliveriesOfMessage } from './deliveries.firestore.ts';
import { communicationErrors } from './errors.ts';
import { findMessage } from './messages.firestore.ts';
import type { Delivery, Message, MessageId } from './schemas.ts';

/** Throws `communication.message_not_found`. */
export const getMessage = async (org: OrgId, id: MessageId): Promise<Message> => {
  const stored = await findMessage(org, id);
  if (!stored) throw new AppError(communicationErrors.messageNotFound);
  return stored.value;
};

/** A message and what became of it on its topic and at each webhook. Throws `communication.message_not_found`. */
export const getMessageWithDeliveries = async (
  org: OrgId,
  id: MessageId,
): Promise<{ message: Message; deliveries: Delivery[] }> => {
  const [message, deliveries] = await Promise.all([getMessage(org, id), deliveriesOfMessage(org, id)]);
  return { message, deliveries };
};
