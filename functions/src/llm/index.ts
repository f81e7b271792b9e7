// The gateway to language models: what other domains may use.
export { configuredGateway } from './configured.ts';
export { LlmFailure, llmErrors } from './errors.ts';
export { fence, type Material } from './fence.ts';
export { complete, makeGateway, worstCaseOf, type Gateway } from './gateway.ts';
export { mostTokensOf } from './token-estimate.ts';
export { isSetupFault } from './schemas.ts';
export type { JsonSchema, LlmCall, LlmRequest, ProviderName } from './schemas.ts';
