// A process that sweeps the scenarios it is told to, one after the other, on a stage of its own (run.ts).
import { scenarios } from './scenarios/index.ts';
import { startStage } from './stage.ts';
import { sweepOn, type SweepOptions, type SweepResult } from './sweep.ts';

export interface Order {
  readonly scenario: string;
  readonly options: Omit<SweepOptions, 'log'>;
}

const stage = await startStage(() => undefined);

const sweep = async ({ scenario: name, options }: Order): Promise<SweepResult> => {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`There is no scenario "${name}".`);
  return sweepOn(stage, scenario, { ...options, log: (line) => console.error(line) });
};

process.on('message', (order: Order) => void sweep(order).then((result) => process.send?.(result)));
process.once('disconnect', () => void stage.stop().finally(() => process.exit()));
