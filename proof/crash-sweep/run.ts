// `node proof/crash-sweep/run.ts [--scenario NAME] [--sample N] [--pairs N] [--seed S]`: dies at every crossing of every scenario.
// Progress goes to standard error; the result, a line of JSON a scenario and a Markdown table, to standard output. Exits with 1
// when anything was found.
import { parseArgs } from 'node:util';
import { scenarios } from './scenarios/index.ts';
import { sweepScenario, type SweepResult } from './sweep.ts';
import { markdownOf, totalsOf } from './table.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    sample: { type: 'string' },
    pairs: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = values.scenario ?? scenarios.map(({ name }) => name);
const unknown = wanted.find((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown !== undefined) {
  console.error(`There is no scenario "${unknown}". Choose from: ${scenarios.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const options = {
  ...(values.sample === undefined ? {} : { sample: Number(values.sample) }),
  pairs: Number(values.pairs),
  countingRuns: 3,
  seed: Number(values.seed),
  log: (line: string) => console.error(line),
};
const sweeps: SweepResult[] = [];
for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) {
  const sweep = await sweepScenario(scenario, options);
  sweeps.push(sweep);
  console.log(JSON.stringify({ scenario: scenario.name, seed: options.seed, ...totalsOf(sweep) }));
}
console.log(`\n${markdownOf(sweeps)}`);
const found = sweeps.some((sweep) => totalsOf(sweep).faults > 0);
process.exit(found ? 1 : 0);
