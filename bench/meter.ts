// Loaded into every functions instance before the functions: counts what crosses `platform/`, and tells it, with the CPU time of
// the process, on a port whose number it leaves in the folder METER_DIRECTORY.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { CrossingKind, CrossingObserver } from '../functions/src/platform/crossings.ts';

const counts: Partial<Record<CrossingKind, number>> = {};
const observer: CrossingObserver = {
  before: () => undefined,
  after: (kind, units) => {
    counts[kind] = (counts[kind] ?? 0) + units;
  },
};
(globalThis as Record<symbol, unknown>)[Symbol.for('backend-coordinator.crossings')] = observer;

const directory = process.env['METER_DIRECTORY'];
// A worker thread imports this as well: it must not take the place of its process, where everything crosses.
if (directory !== undefined && isMainThread) {
  const server = createServer((_request, response) => {
    const { user, system } = process.cpuUsage();
    response.end(JSON.stringify({ counts, cpuMs: (user + system) / 1_000 }));
  });
  server.listen(0, '127.0.0.1', () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, String(process.pid)), String((server.address() as AddressInfo).port));
  });
  server.unref();
}
