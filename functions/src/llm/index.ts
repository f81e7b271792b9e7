// The gateway to language models: what other domains may use.
export { configuredGateway } from './configured.ts';
export { LlmFailure } from './errors.ts';
export { fence, type Material } from './fence.ts';
export { complete, makeGateway, type Gateway } from './gateway.ts';
export type { JsonSchema, LlmCall, LlmRequest } from './schemas.ts';
