// A task that a Pub/Sub producer hands in.
import type { z } from 'zod';
import type { Message } from '../platform/events.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import { producerKey, replayKey } from './ids.ts';
import { replayedLetterAttribute, type intakeMessage } from './schemas.ts';
import { submitTask } from './submit-task.ts';

type IntakeMessage = Message<z.output<typeof intakeMessage>>;

/** Throws what `submitTask` throws. */
export const acceptMessage = async (message: IntakeMessage, now: Date): Promise<void> => {
  const { org, idempotencyKey: _key, ...submission } = message.payload;
  const submittedBy = { channel: 'pubsub' as const, messageId: message.messageId };
  await submitTask({ org, submission, key: keyOf(message), submittedBy, now });
};

/** The key that the producer wrote into the message; else what brought it: a dead letter that we sent again, or the producer. */
const keyOf = ({ payload, attributes, messageId, isOurs }: IntakeMessage): ScopedKey => {
  const letter = isOurs ? attributes[replayedLetterAttribute] : undefined;
  if (payload.idempotencyKey === undefined && letter !== undefined) return replayKey(letter);
  return producerKey(payload.idempotencyKey ?? attributes['idempotencyKey'] ?? messageId);
};
