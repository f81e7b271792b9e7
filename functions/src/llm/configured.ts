import {
  anthropicApiKey,
  anthropicBaseUrl,
  anthropicModel,
  geminiApiKey,
  geminiBaseUrl,
  geminiModel,
  modelFirstEventSeconds,
  modelTimeoutSeconds,
  openaiApiKey,
  openaiBaseUrl,
  openaiModel,
} from '../config.ts';
import { lazy } from '../platform/lazy.ts';
import { makeGateway, type Gateway, type LlmTarget } from './gateway.ts';

const params = [
  { provider: 'anthropic', model: anthropicModel, apiKey: anthropicApiKey, baseUrl: anthropicBaseUrl },
  { provider: 'openai', model: openaiModel, apiKey: openaiApiKey, baseUrl: openaiBaseUrl },
  { provider: 'google', model: geminiModel, apiKey: geminiApiKey, baseUrl: geminiBaseUrl },
] as const;

/** The gateway of this deployment: the providers that have a key, in the order of the fallback chain. */
export const configuredGateway: () => Gateway = lazy(() =>
  makeGateway({
    targets: params.flatMap(targetOf),
    firstEventMs: modelFirstEventSeconds.value() * 1_000,
    silenceMs: modelTimeoutSeconds.value() * 1_000,
  }),
);

const targetOf = ({ provider, model, apiKey, baseUrl }: (typeof params)[number]): LlmTarget[] => {
  const key = apiKey.value();
  const url = baseUrl.value();
  if (key === '' || key === 'none') return [];
  return [{ provider, model: model.value(), apiKey: key, ...(url === '' ? {} : { baseUrl: url }) }];
};
