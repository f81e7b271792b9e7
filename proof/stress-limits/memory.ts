// The memory of a process and of the processes that it has started, as a container would count it.
import { readFile, writeFile } from 'node:fs/promises';

const kilobytes = async (pid: number, field: 'VmHWM' | 'VmRSS' | 'RssAnon'): Promise<number | null> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, digits] = new RegExp(String.raw`^${field}:\s+(\d+) kB$`, 'm').exec(status) ?? [];
  return digits === undefined ? null : Number(digits);
};

const childrenOf = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').flatMap((each) => (each === '' ? [] : [Number(each)]));
};

const toMiB = (value: number) => Math.round(value / 1_024);

/** What the process and its children hold at this moment. They run the same program: its pages are there, and counted, once. */
export const residentMiB = async (pid: number): Promise<number | null> => {
  const own = await kilobytes(pid, 'VmRSS');
  if (own === null) return null;
  const children = await Promise.all((await childrenOf(pid)).map(async (child) => kilobytes(child, 'RssAnon')));
  return toMiB(children.reduce<number>((sum, each) => sum + (each ?? 0), own));
};

const sampleMs = 50;

/** Watches the process from now on. `stop` resolves with the most that it had alone (VmHWM), or with its children at any sample. */
export const watchPeak = async (pid: number) => {
  // Sets VmHWM back to what is resident now; without the right to do so the peak is that of the whole life.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
  let most = 0;
  const sample = async () => {
    most = Math.max(most, (await residentMiB(pid)) ?? 0);
  };
  const timer = setInterval(() => void sample(), sampleMs);
  return {
    stop: async (): Promise<number | null> => {
      clearInterval(timer);
      const own = await kilobytes(pid, 'VmHWM');
      return own === null ? null : Math.max(most, toMiB(own));
    },
  };
};
