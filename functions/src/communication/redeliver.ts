// Attempting a delivery that is over once more: one that failed, or one whose receiver lost it.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { attemptDelivery, type AttemptOptions } from './attempt-delivery.ts';
import { restartDelivery } from './delivery.ts';
import { findDelivery, saveDelivery } from './deliveries.firestore.ts';
import { communicationErrors } from './errors.ts';
import { getMessage } from './read-messages.ts';
import type { Delivery, DeliveryId } from './schemas.ts';

/**
 * Resolves with the delivery after the attempt; if that fails, more follow as for a new one. Throws
 * `communication.delivery_not_found`, `communication.delivery_pending`.
 */
export const redeliver = async (org: OrgId, id: DeliveryId, options: AttemptOptions): Promise<Delivery> => {
  const stored = await findDelivery(org, id);
  if (!stored) throw new AppError(communicationErrors.deliveryNotFound);
  if (stored.value.state === 'pending') throw new AppError(communicationErrors.deliveryPending);
  const message = await getMessage(org, stored.value.message);
  return attemptDelivery(await restart(stored, options.now), message, options);
};

const restart = async ({ value, revision }: Stored<Delivery>, now: Date): Promise<Stored<Delivery>> => {
  try {
    return await saveDelivery(restartDelivery(value, now), revision);
  } catch (error) {
    if (isError(error, storeErrors.conflict)) throw new AppError(communicationErrors.deliveryPending, { cause: error });
    throw error;
  }
};
