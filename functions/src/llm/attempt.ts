// One call to one provider, and its record: whatever happens, the call is timed, priced and said how it ended.
import { cross } from '../platform/crossings.ts';
import { mayBeBilled, outcomeOf, ProviderFailure } from './failures.ts';
import { price, worstCase as priceOfWorst } from './pricing.ts';
import type { Provider, ProviderAnswer, ProviderCall } from './providers/provider.ts';
import { mostInputTokens } from './token-estimate.ts';
import type { LlmCall, ProviderName, TokenUsage } from './schemas.ts';

export type Attempt =
  { readonly record: LlmCall; readonly text: string } | { readonly record: LlmCall; readonly failure: ProviderFailure };

/** Calls the provider once. Does not throw for a failed call: its failure comes with the record. */
export const attempt = async (
  target: { readonly provider: ProviderName; readonly ask: Provider },
  call: ProviderCall,
  now: () => Date,
): Promise<Attempt> => {
  const startedAt = now();
  const worstCase = worstCasePrice(call, target.provider, startedAt);
  const priced = (usage: TokenUsage) => price(usage, target.provider, call.model, startedAt);
  const result = await cross('llm.call', () => target.ask(call)).catch(expected);
  const settled = settle(result, priced, call.request.accepts ?? (() => true));
  const record = {
    provider: target.provider,
    model: call.model,
    startedAt,
    latencyMs: Math.max(0, now().getTime() - startedAt.getTime()),
    providerRequestId: result.providerRequestId,
    usage: result.usage,
    costNanoUsd: settled.cost,
  };
  return 'failure' in settled
    ? {
        record: {
          ...record,
          outcome: outcomeOf(settled.failure),
          error: settled.failure.kind,
          ...(mayBeBilled(settled.failure) && { worstCaseNanoUsd: worstCase }),
        },
        failure: settled.failure,
      }
    : { record: { ...record, outcome: 'ok', error: null }, text: settled.text };
};

const worstCasePrice = ({ model, request, maxOutputTokens }: ProviderCall, provider: ProviderName, at: Date): bigint =>
  priceOfWorst({ inputTokens: mostInputTokens(request), outputTokens: maxOutputTokens }, { provider, model }, at);

const expected = (error: unknown) => {
  if (error instanceof ProviderFailure) return error;
  throw error;
};

type Settled = { readonly cost: bigint | null } & ({ readonly text: string } | { readonly failure: ProviderFailure });

/** An answer that turns out to have no price is a failure: it is not handed out for free. */
const settle = (
  result: ProviderAnswer | ProviderFailure,
  priced: (usage: TokenUsage) => bigint,
  accepts: (text: string) => boolean,
): Settled => {
  try {
    const cost = result.usage && priced(result.usage);
    if (result instanceof ProviderFailure) return { cost, failure: result };
    return accepts(result.text)
      ? { cost, text: result.text }
      : { cost, failure: new ProviderFailure('unusable', result) };
  } catch (cause) {
    const { usage, providerRequestId } = result;
    return { cost: null, failure: new ProviderFailure('unpriced', { usage, providerRequestId, cause }) };
  }
};
