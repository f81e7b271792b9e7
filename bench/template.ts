// A task of the usual template: what the engine reads, writes and sends for it.
import { startFanOutBench } from './fan-out.ts';
import type { BenchOptions, Figures } from './figures.ts';

const warmUpTasks = 2;
const inFlight = 2;

export const benchTemplate = async ({ tasks }: BenchOptions): Promise<Figures[]> => {
  const bench = await startFanOutBench();
  try {
    await bench.run({ tasks: warmUpTasks, inFlight });
    const measured = await bench.measure({ tasks, inFlight });
    return [{ bench: 'template', shape: 'api-design, planned by the template', tasks, inFlight, ...measured }];
  } finally {
    await bench.stop();
  }
};
