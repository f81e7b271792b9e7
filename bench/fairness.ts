// One org hands in a thousand tasks; how long does another org's critical task take next to that, and how long alone?
import { startFanOutBench, type FanOutBench } from './fan-out.ts';
import { percentile, rounded, type Figures } from './figures.ts';

const floodTasks = 1_000;
const probes = 3;
const assignmentMs = 10_000;

const probe = { tasks: 1, width: 1, inFlight: 1, org: 'quiet-org', priority: 'critical' };

export const benchFairness = async (): Promise<Figures[]> => {
  const bench = await startFanOutBench();
  try {
    await slowModels(bench);
    await bench.run({ ...probe, tasks: 2 });
    const alone = await sample(() => bench.run(probe));
    const flood = bench.run({
      tasks: floodTasks,
      width: 5,
      inFlight: floodTasks,
      org: 'busy-org',
      priority: 'critical',
    });
    flood.catch(() => undefined);
    const beside = await sample(() => bench.run(probe));
    return [
      {
        bench: 'fairness',
        flood: `${floodTasks} critical tasks of another org, handed in at once`,
        probes,
        assignmentMs,
        aloneP50Ms: rounded(percentile(alone, 0.5)),
        besideP50Ms: rounded(percentile(beside, 0.5)),
        besideMaxMs: rounded(Math.max(...beside)),
        delayedByP50Ms: rounded(percentile(beside, 0.5) - percentile(alone, 0.5)),
        budget: { delayedByMs: assignmentMs },
      },
    ];
  } finally {
    await bench.stop();
  }
};

/** Models that take a while: what is waited for is then the queue, not the machine. */
const slowModels = async ({ suite }: FanOutBench): Promise<void> => {
  const slow = [{ fault: { kind: 'latency', ms: assignmentMs } }];
  const answer = await fetch(`${suite.urls.llm ?? ''}/faults`, { method: 'PUT', body: JSON.stringify(slow) });
  if (!answer.ok) throw new Error(`The model stand-in refused: ${await answer.text()}`);
};

const sample = async (run: () => Promise<number[]>): Promise<number[]> => {
  const all: number[] = [];
  for (let index = 0; index < probes; index++) all.push(...(await run()));
  return all;
};
