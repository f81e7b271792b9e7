// How long the built functions take to load, against what the platform's own packages take: the floor of a cold start.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from '../functions/build.ts';
import { percentile, rounded, type Figures } from './figures.ts';

const runs = 15;
const functionsDirectory = path.join(import.meta.dirname, '..', 'functions');

const floor = `await import('firebase-admin/firestore'); await import('firebase-functions');`;
const ours = `await import('./lib/index.js');`;

export const benchLoad = async (): Promise<Figures[]> => {
  await build();
  const samples = { floor: [] as number[], ours: [] as number[] };
  await loadTime(ours);
  // In turn, so that a slow moment of the machine hits both.
  for (let run = 0; run < runs; run++) {
    samples.floor.push(await loadTime(floor));
    samples.ours.push(await loadTime(ours));
  }
  const [floorMs, oursMs] = [percentile(samples.floor, 0.5), percentile(samples.ours, 0.5)];
  return [
    {
      bench: 'load',
      runs,
      floorMs: rounded(floorMs),
      oursMs: rounded(oursMs),
      ratio: rounded(oursMs / floorMs),
      budget: { ratio: 1.25 },
    },
  ];
};

const loadTime = async (imports: string): Promise<number> => {
  const script = `const t = performance.now(); ${imports} console.log(performance.now() - t); process.exit()`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: functionsDirectory,
    env: { ...process.env, GCLOUD_PROJECT: 'demo-backend-coordinator' },
  });
  return Number(stdout.trim().split('\n').at(-1));
};
