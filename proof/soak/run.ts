// `npm run soak -- --tasks 300 --seed 7 [--kills 30] [--stops 3] [--instances 4] [--in-flight 16] [--minutes 60]
// [--rounds 1]`: runs a soak, prints what it found, and exits with 1 when it found anything that must not be. Each round has
// emulators of its own and the next seed, so that memory stays that of one round. `--out DIR` also keeps the report as soak.json and
// soak.md.
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { markdown } from './markdown.ts';
import { added, hasPassed, type SoakReport } from './report.ts';
import { runSoak } from './soak.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '30' },
    stops: { type: 'string' },
    instances: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '16' },
    rounds: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
    'drain-minutes': { type: 'string', default: '10' },
    'lease-ms': { type: 'string', default: '2500' },
    functions: { type: 'string' },
    log: { type: 'string' },
    out: { type: 'string' },
  },
});

/** Throws when it is not a whole number. */
const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a number.`);
  return Number(text);
};

const log = values.log === undefined ? undefined : createWriteStream(values.log);
const kills = count(values.kills);
const options = {
  tasks: count(values.tasks),
  kills,
  stops: values.stops === undefined ? Math.max(1, Math.round(kills / 10)) : count(values.stops),
  instances: count(values.instances),
  inFlight: count(values['in-flight']),
  minutes: count(values.minutes),
  drainMs: count(values['drain-minutes']) * 60_000,
  leaseMs: count(values['lease-ms']),
  functionsDirectory: values.functions,
  ...(log && { onLine: (line: string) => void log.write(`${line}\n`) }),
};

/** The total is written after each round: a long soak that is broken off has not been for nothing. */
const keep = async (report: SoakReport) => {
  if (values.out === undefined) return;
  await mkdir(values.out, { recursive: true });
  await writeFile(path.join(values.out, 'soak.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(path.join(values.out, 'soak.md'), `${markdown(report)}\n`);
};

const firstSeed = count(values.seed);
let total: SoakReport | undefined;
for (let round = 0; round < count(values.rounds); round++) {
  const report = await runSoak({ ...options, seed: firstSeed + round });
  total = total ? added(total, report) : report;
  await keep(total);
}
log?.end();
if (total) console.log(markdown(total));
process.exitCode = total && hasPassed(total) ? 0 : 1;
