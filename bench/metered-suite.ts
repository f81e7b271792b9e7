import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CrossingKind } from '../functions/src/platform/crossings.ts';
import type { DeliveryHooks } from '../local/src/functions/dispatcher.ts';
import { startSuite, type Suite } from '../local/src/suite.ts';

export interface Reading {
  readonly counts: Readonly<Partial<Record<CrossingKind, number>>>;
  /** CPU time of all functions instances since they started. */
  readonly cpuMs: number;
}

export interface MeteredSuite {
  readonly suite: Suite;
  read(): Promise<Reading>;
  stop(): Promise<void>;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };

/** The suite with a meter in each functions instance; provider keys of the environment are ignored. */
export const startMeteredSuite = async (
  params: Record<string, string> = {},
  deliveryHooks: DeliveryHooks = {},
): Promise<MeteredSuite> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'meter-'));
  const suite = await startSuite({
    ports: anyPorts,
    imports: [pathToFileURL(path.join(import.meta.dirname, 'meter.ts')).href],
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    params: { METER_DIRECTORY: directory, ...params },
    deliveryHooks,
    log: () => undefined,
  });
  return {
    suite,
    read: async () =>
      total(await Promise.all((await readdir(directory)).map((pid) => readMeter(path.join(directory, pid))))),
    stop: async () => {
      await suite.stop();
      await rm(directory, { recursive: true });
    },
  };
};

const readMeter = async (file: string): Promise<Reading> => {
  const port = await readFile(file, 'utf8');
  const response = await fetch(`http://127.0.0.1:${port}`);
  return (await response.json()) as Reading;
};

const total = (readings: readonly Reading[]): Reading => {
  const counts: Partial<Record<CrossingKind, number>> = {};
  for (const reading of readings) {
    for (const [kind, count] of Object.entries(reading.counts)) {
      counts[kind as CrossingKind] = (counts[kind as CrossingKind] ?? 0) + count;
    }
  }
  return { counts, cpuMs: readings.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
};

/** What happened between two readings, per `units`. */
export const perUnit = (before: Reading, after: Reading, units: number): Reading => ({
  counts: Object.fromEntries(
    Object.entries(after.counts).map(([kind, count]) => [
      kind,
      (count - (before.counts[kind as CrossingKind] ?? 0)) / units,
    ]),
  ),
  cpuMs: (after.cpuMs - before.cpuMs) / units,
});
