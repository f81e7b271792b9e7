// Five parallel assignments and a join: what the engine adds to the models' time, and what it reads and writes.
import { startFanOutBench } from './fan-out.ts';
import type { BenchOptions, Figures } from './figures.ts';

const width = 5;
const warmUpTasks = 10;
const inFlight = 8;

export const benchCoordination = async ({ tasks }: BenchOptions): Promise<Figures[]> => {
  const bench = await startFanOutBench();
  try {
    await bench.run({ tasks: warmUpTasks, width, inFlight });
    const measured = await bench.measure({ tasks, width, inFlight });
    const budget = { cpuMsPerTask: 25, commitsPerTask: 16, documentReadsPerTask: 16 };
    const shape = `${width} parallel assignments and a join`;
    return [{ bench: 'coordination', shape, tasks, inFlight, ...measured, budget }];
  } finally {
    await bench.stop();
  }
};
