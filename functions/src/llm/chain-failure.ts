// What the failures of a whole chain come to: pure.
//
// F1. It is for ever only when every target was asked and none may do better with the same request.
// F2. When keys, models and accounts are all that is wrong, people have to cure it: it is tried again, but seldom.
// F3. Anything else may go better the next time.
import type { ErrorRow } from '../platform/errors.ts';
import { llmErrors } from './errors.ts';
import { needsMoreRoom, type FailureKind, type StoppingKind } from './failures.ts';
import { isSetupFault } from './schemas.ts';

export const rowOfStop: Readonly<Record<StoppingKind, ErrorRow>> = {
  refused: llmErrors.refused,
  unpriced: llmErrors.unpricedModel,
  aborted: llmErrors.aborted,
};

/** `kinds`: how each target that was asked failed, of a chain that has so many targets. */
export const failureOfChain = (kinds: readonly FailureKind[], targets: number): ErrorRow => {
  if (kinds.every(isSetupFault)) return llmErrors.providersRefuseUs;
  if (kinds.length < targets || !kinds.every(isForEver)) return llmErrors.allProvidersFailed;
  if (kinds.some(needsMoreRoom)) return llmErrors.outputTruncated;
  return kinds.includes('context_length') ? llmErrors.contextTooLong : llmErrors.badRequest;
};

const isForEver = (kind: FailureKind): boolean =>
  isSetupFault(kind) || kind === 'bad_request' || kind === 'context_length' || needsMoreRoom(kind);
