// An agent that asks for work: needs no address and no topic, so it runs behind any firewall, in a CI job or on a laptop.
//
//   BASE_URL=… TOKEN=… AGENT=minute-taker node examples/pull-agent.ts
import { setTimeout as pause } from 'node:timers/promises';
import { carryOut, post, setting, takeMinutes, type Access, type Directive, type Work } from './agent-api.ts';

export interface PullAgent extends Access {
  readonly agent: string;
  readonly work: Work;
  /** Ends it after the claim that is under way. */
  readonly signal: AbortSignal;
}

const pauseAfterRefusalMs = 5_000;

/** Takes one assignment after the other; resolves with their number once the signal aborts. */
export const runPullAgent = async ({ agent, work, signal, ...access }: PullAgent): Promise<number> => {
  let done = 0;
  while (!signal.aborted) {
    const answer = await post(access, `/v1/agents/${agent}/claim`, { waitSeconds: 20 });
    if (answer.status === 200) {
      if (await carryOut(access, (await answer.json()) as Directive, work)) done += 1;
    } else if (answer.status !== 204) {
      console.error(`No work: ${answer.status} ${await answer.text()}`);
      await pause(pauseAfterRefusalMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return done;
};

if (import.meta.main) {
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  const access = { baseUrl: setting('BASE_URL'), token: setting('TOKEN') };
  await runPullAgent({ ...access, agent: setting('AGENT'), work: takeMinutes, signal: stopped.signal });
}
