// The gateway to language models: what other domains may use.
export { callsOf, LlmFailure, llmErrors } from './errors.ts';
export {
  complete,
  makeGateway,
  type CallOptions,
  type Gateway,
  type GatewayOptions,
  type LlmTarget,
} from './gateway.ts';
export { configuredGateway } from './configured.ts';
export { price } from './pricing.ts';
export {
  llmCall,
  providerName,
  tokenUsage,
  type JsonSchema,
  type LlmAnswer,
  type LlmCall,
  type LlmRequest,
  type ProviderName,
  type TokenUsage,
} from './schemas.ts';
