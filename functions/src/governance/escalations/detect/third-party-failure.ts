// Failures of the model providers, read off the record of every call. Pure.
//
// T1. Only what the provider is to blame for counts: a request of ours that it rightly refuses says nothing about it.
// T2. Five failures in a row, or half of at least ten calls, are a failure of the provider. A success ends the row.
// T3. A wrong key, an unknown model and an account without money are one at once when the last call met them: no waiting cures them.
import { isSetupFault, type LlmCall, type ProviderName } from '../../../llm/schemas.ts';
import { severityOfRate, type RateLimits } from './failure-rate.ts';
import type { Finding } from './draft.ts';

/** Kinds of failure that are the provider's own, or of the way to it. */
export const providersFault: ReadonlySet<string> = new Set([
  'rate_limited',
  'overloaded',
  'silent',
  'exhausted',
  'unusable',
  'paused',
  'server_error',
  'timeout',
  'connection',
  'unreachable',
  'unauthorized',
  'model_not_found',
  'malformed',
]);

const maxInARow = 5;
const limits: RateLimits = { minimum: 10, perMille: 500, worstPerMille: 900 };

export const thirdPartyFailures = (calls: readonly LlmCall[]): Finding[] => {
  const telling = calls.filter((call) => call.outcome === 'ok' || isFault(call));
  const inOrder = telling.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  const providers = new Set(inOrder.map(({ provider }) => provider));
  return [...providers].flatMap((provider) =>
    judge(
      provider,
      inOrder.filter((call) => call.provider === provider),
    ),
  );
};

const isFault = ({ error }: LlmCall) => error !== null && providersFault.has(error);

const judge = (provider: ProviderName, calls: readonly LlmCall[]): Finding[] => {
  const failed = calls.filter(isFault);
  const row = calls.slice(calls.findLastIndex((call) => !isFault(call)) + 1);
  const byRate = severityOfRate({ total: calls.length, failed: failed.length }, limits);
  const last = failed.at(-1);
  const isSetUpWrongly = isSetupFault(row.at(-1)?.error ?? null);
  if (!last || (byRate === null && row.length < maxInARow && !isSetUpWrongly)) return [];
  return [
    {
      trigger: 'third-party-failure',
      severity: byRate === 'critical' || isSetUpWrongly ? 'high' : 'medium',
      title: `${provider} fails: ${failed.length} of ${calls.length} calls`,
      subject: provider,
      // An hour of failures is one occurrence, however often somebody looks.
      occurrence: last.startedAt.toISOString().slice(0, 13),
      seenAt: last.startedAt,
      evidence: [...kindsOf(failed)].map(([kind, count]) => ({
        source: 'calls',
        ref: provider,
        detail: `${kind}: ${count}`,
      })),
    },
  ];
};

const kindsOf = (failed: readonly LlmCall[]): Map<string, number> => {
  const kinds = new Map<string, number>();
  for (const { error } of failed) kinds.set(error ?? '', (kinds.get(error ?? '') ?? 0) + 1);
  return kinds;
};
