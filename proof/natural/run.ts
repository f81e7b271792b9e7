// `npm run natural -- [--tasks 200] [--seed 1] [--in-flight 8] [--log FILE] [--out FILE]`: hands in seeded tasks to a team of natural
// models, prints a table, and exits with 1 when too few were completed or a task asked for more than one approval. `--log` keeps the log of
// the suite; `--out` the account of each task, a line of JSON each.
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { runNatural } from './natural.ts';
import { hasPassed, markdown } from './report.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'in-flight': { type: 'string', default: '8' },
    log: { type: 'string' },
    out: { type: 'string' },
  },
});

/** Throws when it is not a whole number above zero. */
const count = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`"${text}" is not a whole number above zero.`);
  return Number(text);
};

const log = values.log === undefined ? undefined : createWriteStream(values.log);
const out = values.out === undefined ? undefined : createWriteStream(values.out);
const report = await runNatural({
  tasks: count(values.tasks),
  seed: count(values.seed),
  inFlight: count(values['in-flight']),
  ...(log && { onLine: (line: string) => void log.write(`${line}\n`) }),
  ...(out && { onTask: (account) => void out.write(`${JSON.stringify(account)}\n`) }),
});
log?.end();
out?.end();
console.log(markdown(report));
process.exitCode = hasPassed(report) ? 0 : 1;
