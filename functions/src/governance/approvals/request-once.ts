// Asking for something of which one request may be pending at a time. Requests for the same thing are numbered, and the number is part of
// the id, so that the commit itself refuses a second one: of many who ask at once, one does.
import { AppError, isError } from '../../platform/errors.ts';
import { commit, storeErrors, type Batch } from '../../platform/firestore.ts';
import { jsonHash } from '../../platform/hash.ts';
import { governanceErrors } from '../errors.ts';
import { newApproval, type ApprovalDraft } from './approval-state.ts';
import { findApproval, requestApproval } from './approvals.firestore.ts';
import { approvalIdFor } from './ids.ts';
import type { Approval } from './schemas.ts';

export interface OneRequest {
  /** What is asked for. */
  readonly slot: readonly string[];
  readonly draft: Omit<ApprovalDraft, 'key'>;
  /** Whether a request on record is this very one, repeated. Throws when it may not be. */
  readonly isSame: (before: Approval) => boolean;
  /** Why nothing new can be asked. What was asked before is answered all the same (C9). */
  readonly refusal?: AppError | undefined;
  /** Writes that come with the request. */
  readonly also?: (batch: Batch, approval: Approval) => void;
  readonly now: Date;
}

/**
 * Asks unless the same is on record, which then is the answer (`replayed`). Throws `governance.approval_pending` while another request for
 * the same thing is, what `isSame` throws, and the `refusal`.
 */
export const requestOnce = async (request: OneRequest): Promise<{ approval: Approval; replayed: boolean }> => {
  const { slot, draft, now } = request;
  for (let number = 0; ;) {
    const key = JSON.stringify([...slot, number]);
    const before = (await findApproval(draft.org, approvalIdFor(draft.org, key)))?.value;
    if (before && request.isSame(before)) return { approval: before, replayed: true };
    if (before && isOpen(before, now)) throw pending(before);
    if (before) number++;
    else if (request.refusal) throw request.refusal;
    else if (await asked(request, key)) return { approval: newApproval({ ...draft, key }, now), replayed: false };
  }
};

/** What a caller's repetition of a request is recognised by. */
export const requestKeyOf = (uid: string, idempotencyKey: string | undefined): string | null =>
  idempotencyKey === undefined ? null : jsonHash([uid, idempotencyKey]);

const isOpen = ({ state, deadlineAt }: Approval, now: Date): boolean => state === 'pending' && deadlineAt > now;

const pending = ({ id }: Approval) =>
  new AppError(governanceErrors.approvalPending, { detail: `The request ${id} is not decided yet.` });

/** False when another was faster. */
const asked = async ({ draft, also, now }: OneRequest, key: string): Promise<boolean> => {
  try {
    await commit((batch) => {
      const approval = requestApproval(batch, { ...draft, key }, now);
      also?.(batch, approval);
    });
    return true;
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return false;
  }
};
