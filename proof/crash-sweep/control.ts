// What the sweep and the observer in the functions process tell each other: the sweep writes which crossings kill, the observer
// writes what was crossed, a file a run. By files, because an observer is asked in the middle of synchronous code and must survive
// its process.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** One place at which a process can die: the n-th effect of a kind that it begins, or the n-th that succeeds. */
export const point = z.object({
  kind: z.string(),
  when: z.enum(['before', 'after']),
  occurrence: z.int().positive(),
});
export type Point = z.infer<typeof point>;

/** The points of a run, in order: the first kills the first process, the next the one after it. */
const schedule = z.object({ run: z.string(), points: z.array(point) });
export type Schedule = z.infer<typeof schedule>;

const crossed = z.object({
  run: z.string(),
  pid: z.int(),
  ...point.shape,
  /** The functions that the effect was asked for by, innermost first. */
  site: z.string(),
  killed: z.boolean(),
});
export type Crossed = z.infer<typeof crossed>;

/** The variable that names the folder of these files. */
export const directoryVariable = 'CRASH_DIRECTORY';

const scheduleFile = (directory: string) => path.join(directory, 'schedule.json');
const journalFile = (directory: string, run: string) => path.join(directory, `${run}.jsonl`);

export const writeSchedule = (directory: string, written: Schedule): void => {
  const draft = path.join(directory, 'schedule.draft.json');
  writeFileSync(draft, JSON.stringify(written));
  renameSync(draft, scheduleFile(directory));
};

export const readSchedule = (directory: string): Schedule | undefined => {
  const text = readIfThere(scheduleFile(directory));
  return text === undefined ? undefined : schedule.parse(JSON.parse(text));
};

export const appendCrossed = (directory: string, entry: Crossed): void =>
  appendFileSync(journalFile(directory, entry.run), `${JSON.stringify(entry)}\n`);

/** What was crossed in a run, in order. A line that is being written is not there yet. */
export const readJournal = (directory: string, run: string): Crossed[] =>
  (readIfThere(journalFile(directory, run)) ?? '')
    .split('\n')
    .slice(0, -1)
    .map((line) => crossed.parse(JSON.parse(line)));

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
