// What a caller of the gateway may get instead of an answer. Every such error knows the provider calls that were made on the
// way: they were billed, or may have been.
import { AppError, defineErrors, type ErrorDetails, type ErrorRow } from '../platform/errors.ts';
import type { LlmCall } from './schemas.ts';

export const llmErrors = defineErrors('llm', {
  noProviderConfigured: { status: 503, title: 'No LLM provider is configured', retry: 'never' },
  unpricedModel: { status: 500, title: 'The model has no price, so it may not be called', retry: 'never' },
  allProvidersFailed: { status: 503, title: 'No LLM provider answered', retry: 'later' },
  providersRefuseUs: {
    status: 503,
    title: 'Every LLM provider refuses the service: its key, its model or its account',
    retry: 'later',
  },
  deadlineExceeded: { status: 504, title: 'No LLM provider answered before the deadline', retry: 'later' },
  refused: { status: 422, title: 'The model refused to answer', retry: 'never' },
  badRequest: { status: 400, title: 'Every LLM provider rejected the request', retry: 'never' },
  contextTooLong: { status: 422, title: 'The input is too long for every configured model', retry: 'never' },
  outputTruncated: {
    status: 422,
    title: 'The answer did not fit into the largest output of any configured model',
    retry: 'never',
  },
  aborted: { status: 409, title: 'The call was cancelled', retry: 'never' },
});

/** An error of the gateway with the calls that were made before it, in order; empty when it refused before calling. */
export class LlmFailure extends AppError {
  readonly calls: readonly LlmCall[];

  constructor(row: ErrorRow, calls: readonly LlmCall[], details: ErrorDetails = {}) {
    super(row, details);
    this.calls = calls;
  }
}
