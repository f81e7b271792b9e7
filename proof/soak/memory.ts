import { readFile } from 'node:fs/promises';
import type { Suite } from '../../local/src/suite.ts';

export type Memory = Readonly<Record<'soak' | 'firestore' | 'pubsub' | 'largestInstance', number | null>>;

/** Resident megabytes of each part; null where the system does not say (it is Linux that does). */
export const memoryOf = async (pids: ReturnType<Suite['pids']>): Promise<Memory> => {
  const instances = await Promise.all(pids.instances.map(async ({ pid }) => residentMb(pid)));
  const known = instances.filter((each) => each !== null);
  return {
    soak: await residentMb(process.pid),
    firestore: await residentMb(pids.firestore),
    pubsub: await residentMb(pids.pubsub),
    largestInstance: known.length > 0 ? Math.max(...known) : null,
  };
};

const residentMb = async (pid: number | undefined): Promise<number | null> => {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1_024);
};
