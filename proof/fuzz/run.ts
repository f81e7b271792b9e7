// `npm run fuzz -- [--requests 3000] [--seed 1] [--log FILE]`: sends requests that the OpenAPI document allows, requests that it does not,
// and follows its links; prints a table, and exits with 1 when the service did not keep to the document.
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz.ts';
import { hasPassed, markdown } from './tally.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
  },
});

/** Throws when it is not a whole number. */
const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a number.`);
  return Number(text);
};

const log = values.log === undefined ? undefined : createWriteStream(values.log);
const report = await runFuzz({
  seed: count(values.seed),
  requests: count(values.requests),
  ...(log && { onLine: (line: string) => void log.write(`${line}\n`) }),
});
log?.end();
console.log(markdown(report));
process.exitCode = hasPassed(report) ? 0 : 1;
