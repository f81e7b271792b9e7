// `npm run stress-limits -- [--only TEXT,TEXT] [--records 100] [--log FILE]`: sends the largest input that each limit allows, and one just
// over, to functions that are held to their declared memory; prints a table, and exits with 1 when a row fails.
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { play } from './measure.ts';
import { bodyRows } from './rows/bodies.ts';
import { edgeRows } from './rows/edge.ts';
import { messageRows } from './rows/messages.ts';
import { recordRows } from './rows/records.ts';
import { streamRows } from './rows/streams.ts';
import { workRows } from './rows/work.ts';
import { openStage } from './stage.ts';
import { hasPassed, markdown, type Outcome } from './table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    records: { type: 'string', default: '100' },
    log: { type: 'string' },
  },
});
if (!/^\d+$/.test(values.records)) throw new Error(`"${values.records}" is not a number.`);

const log = values.log === undefined ? undefined : createWriteStream(values.log);
const stage = await openStage((line) => void log?.write(`${line}\n`));
const outcomes: Outcome[] = [];
try {
  const rows = [
    ...edgeRows,
    ...bodyRows,
    ...workRows,
    ...streamRows,
    ...messageRows,
    ...recordRows(Number(values.records)),
  ];
  for (const row of rows.filter(({ name }) => values.only.split(',').some((text) => name.includes(text)))) {
    outcomes.push(await play(stage, row));
    console.error(`${row.name}: ${outcomes.at(-1)?.outcome ?? ''}`);
  }
} finally {
  await stage.suite.stop();
  log?.end();
}
console.log(markdown(outcomes));
process.exitCode = hasPassed(outcomes) ? 0 : 1;
