import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  startLlmProviders,
  type FaultRule,
  type LlmProviders,
  type PlainFaultKind,
} from '../../../local/src/llm/index.ts';
import { LlmFailure } from './errors.ts';
import type { FailureKind } from './failures.ts';
import { complete, makeGateway, type LlmTarget } from './gateway.ts';
import { providers, type ProviderName } from './schemas.ts';
import { apiKey, dialects, request } from './testing/dialects.ts';

// The local suite's stand-in is a second reading of the providers' protocols: where it and the adapters agree, a misreading by
// one of them is unlikely.

const paths: Readonly<Record<ProviderName, string>> = {
  anthropic: '/anthropic',
  openai: '/openai/v1',
  google: '/gemini',
};

let standIn: LlmProviders;
beforeAll(async () => {
  standIn = await startLlmProviders({ latencyMs: 0 });
});
afterAll(() => standIn.stop());

const ask = (provider: ProviderName, fault?: FaultRule['fault'], silenceMs = 20_000) => {
  standIn.setFaults(fault ? [{ fault }] : []);
  const target: LlmTarget = {
    provider,
    model: dialects[provider].model,
    apiKey,
    baseUrl: `${standIn.url}${paths[provider]}`,
  };
  const options = {
    signal: new AbortController().signal,
    deadlineAt: new Date(Date.now() + 60_000),
    now: () => new Date(),
  };
  return complete(makeGateway({ targets: [target], firstEventMs: silenceMs, silenceMs }), request, options);
};

const callOf = async (answer: ReturnType<typeof ask>) => {
  const { calls } = await answer.catch((error: unknown) => {
    if (error instanceof LlmFailure) return error;
    throw error;
  });
  return calls[0];
};

describe.each(providers)('the stand-in of %s', (provider) => {
  test('answers in the requested schema, at a price', async () => {
    const { text, calls } = await ask(provider);

    expect(JSON.parse(text)).toEqual({ category: expect.any(String) });
    expect(calls).toMatchObject([{ outcome: 'ok', costNanoUsd: expect.any(BigInt) }]);
    expect(calls[0]?.providerRequestId).toBeTruthy();
  });

  test.each<[PlainFaultKind, FailureKind]>([
    ['401', 'unauthorized'],
    ['500', 'server_error'],
    ['529', 'overloaded'],
    ['context-length', 'context_length'],
    ['content-filter', 'refused'],
    ['reset', 'connection'],
    ['cut', 'connection'],
    ['malformed-chunk', 'malformed'],
    ['400', 'bad_request'],
    ['402', 'exhausted'],
    ['403', 'unauthorized'],
    ['404', 'model_not_found'],
    ['413', 'context_length'],
    ['html', 'server_error'],
    ['dead-money', 'exhausted'],
    ['refusal', 'refused'],
    ['late-refusal', 'refused'],
    ['early-error', 'overloaded'],
    ['truncate', 'connection'],
    ['stream-error', 'overloaded'],
  ])('makes the fault %s a failure that is %s', async (kind, error) => {
    expect(await callOf(ask(provider, { kind }))).toMatchObject({ error });
  });

  test.each(['hang', 'stall'] as const)('makes the fault %s silence', async (kind) => {
    expect(await callOf(ask(provider, { kind }, 200))).toMatchObject({
      error: 'silent',
      outcome: 'unknown',
      worstCaseNanoUsd: expect.any(BigInt),
    });
  });

  test('says how long its rate limit lasts', async () => {
    await expect(ask(provider, { kind: '429', retryAfterSeconds: 3 })).rejects.toMatchObject({
      code: 'llm.all_providers_failed',
      retryAfterSeconds: 3,
    });
  });
});
