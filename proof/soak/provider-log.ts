// Every request that the providers got. The stand-in keeps the latest few thousand; this reads them before they are dropped.
import { setInterval as every } from 'node:timers/promises';
import { z } from 'zod';
import type { LlmRequestRecord } from '../../local/src/llm/index.ts';
import type { ProviderRequest } from '../check/index.ts';
import { providerFaultHits, providerRules, type FaultCounts } from './fault-plan.ts';

export interface ProviderLog {
  /** All requests so far, after one more look. */
  all(): Promise<readonly ProviderRequest[]>;
  /** Faults that were played. */
  faults(): Promise<FaultCounts>;
  stop(): void;
}

const readEveryMs = 3_000;

const rules = z.object({ faults: z.array(z.object({ hits: z.number() })) });

/** Sets the faults of the providers and begins to read their log. `url` is the stand-in's. */
export const followProviders = async (url: string, seed: number): Promise<ProviderLog> => {
  const set = await fetch(`${url}/faults`, { method: 'PUT', body: JSON.stringify(providerRules(seed)) });
  if (!set.ok) throw new Error(`The faults of the providers were refused: ${await set.text()}`);
  const known = new Map<string, ProviderRequest>();
  const read = async () => {
    const { requests } = (await (await fetch(`${url}/requests`)).json()) as { requests: LlmRequestRecord[] };
    if (known.size > 0 && requests.every(({ id }) => !known.has(id)))
      throw new Error('Requests to providers were missed.');
    for (const { id, time, provider, usage, durationMs } of requests)
      known.set(id, { id, time, provider, usage, durationMs });
  };
  const stopping = new AbortController();
  const reading = (async () => {
    for await (const _ of every(readEveryMs, undefined, { signal: stopping.signal, ref: false })) await read();
  })().catch((error: unknown) => (stopping.signal.aborted ? undefined : error));
  return {
    all: async () => {
      stopping.abort();
      const failure = await reading;
      if (failure !== undefined) throw failure as Error;
      await read();
      return [...known.values()];
    },
    faults: async () => {
      const { faults } = rules.parse(await (await fetch(`${url}/faults`)).json());
      return providerFaultHits(faults.map(({ hits }) => hits));
    },
    stop: () => stopping.abort(),
  };
};
