// `node proof/crash-sweep/run.ts [--scenario NAME]… [--sample N] [--pairs N] [--seed S] [--workers N] [--out DIR]`: dies at every
// crossing of every scenario. Progress goes to standard error; the result, a line of JSON a scenario and a Markdown table, to
// standard output. With `--out` each scenario's result is kept as soon as it is there, and one that is there already is not swept
// again: a sweep that was broken off goes on. Exits with 1 when anything was found.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { scenarios } from './scenarios/index.ts';
import type { SweepResult } from './sweep.ts';
import { markdownOf, totalsOf } from './table.ts';
import { sweepAll } from './workers.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    sample: { type: 'string' },
    pairs: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const known = scenarios.map(({ name }) => name);
const wanted = values.scenario ?? known;
const unknown = wanted.find((name) => !known.includes(name));
if (unknown !== undefined) {
  console.error(`There is no scenario "${unknown}". Choose from: ${known.join(', ')}.`);
  process.exit(1);
}
const options = {
  ...(values.sample === undefined ? {} : { sample: Number(values.sample) }),
  pairs: Number(values.pairs),
  countingRuns: 3,
  seed: Number(values.seed),
};

const fileOf = (directory: string, scenario: string) => path.join(directory, `${scenario}.json`);

const kept = async (scenario: string): Promise<SweepResult[]> => {
  if (values.out === undefined) return [];
  try {
    return [JSON.parse(await readFile(fileOf(values.out, scenario), 'utf8')) as SweepResult];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const keep = async (result: SweepResult): Promise<void> => {
  if (values.out === undefined) return;
  await mkdir(values.out, { recursive: true });
  await writeFile(fileOf(values.out, result.scenario), JSON.stringify(result));
};

const sweeps = (await Promise.all(wanted.map(kept))).flat();
const left = wanted.filter((name) => !sweeps.some(({ scenario }) => scenario === name));
await sweepAll(
  left.map((scenario) => ({ scenario, options })),
  {
    workers: Number(values.workers),
    onSwept: async (sweep) => {
      sweeps.push(sweep);
      console.log(JSON.stringify({ scenario: sweep.scenario, seed: options.seed, ...totalsOf(sweep) }));
      await keep(sweep);
    },
  },
);
console.log(`\n${markdownOf(sweeps.toSorted((a, b) => a.scenario.localeCompare(b.scenario)))}`);
process.exitCode = sweeps.some((sweep) => totalsOf(sweep).faults > 0) ? 1 : 0;
