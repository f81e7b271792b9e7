import { addMessage, type MessageDraft } from '../communication/index.ts';
import type { OrgPolicy } from '../governance/schemas.ts';
import type { Batch } from '../platform/firestore.ts';

/** Puts a message into the commit of the change that it tells of. An org may do without reports on each change. */
export const tell = (batch: Batch, message: MessageDraft, { reports }: Pick<OrgPolicy, 'reports'>, now: Date): void => {
  if (message.kind !== 'report' || reports.onChange) addMessage(batch, message, now);
};
