import { addMessage, type MessageDraft } from '../communication/index.ts';
import type { OrgPolicy } from '../governance/schemas.ts';
import type { Batch } from '../platform/firestore.ts';

/**
 * Puts a report on a task under way into the commit of the change that it tells of. An org may do without those; the report on a task
 * that is over always goes, and is not told by this.
 */
export const tell = (batch: Batch, report: MessageDraft, { reports }: Pick<OrgPolicy, 'reports'>, now: Date): void => {
  if (reports.onChange) addMessage(batch, report, now);
};
