// `npm run bench -- coordination|template|growth|width|fairness|api|load`: measures, and prints one JSON object a line. Nothing here
// passes or fails; the budgets stand beside the figures.
import { parseArgs } from 'node:util';
import { benchApi } from './api.ts';
import { benchCoordination } from './coordination.ts';
import { benchFairness } from './fairness.ts';
import { benchGrowth, benchWidth } from './growth.ts';
import { benchLoad } from './load.ts';
import { benchTemplate } from './template.ts';

const benches = {
  coordination: benchCoordination,
  template: benchTemplate,
  growth: benchGrowth,
  width: benchWidth,
  fairness: benchFairness,
  api: benchApi,
  load: benchLoad,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tasks: { type: 'string', default: '100' }, seconds: { type: 'string', default: '20' } },
});
const options = { tasks: Number(values.tasks), seconds: Number(values.seconds) };
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". Choose from: ${Object.keys(benches).join(', ')}.`);
  process.exit(1);
}
for (const name of names) {
  for await (const figures of await benches[name as keyof typeof benches](options))
    console.log(JSON.stringify(figures));
}
