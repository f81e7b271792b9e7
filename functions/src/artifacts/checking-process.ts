// The process that costly checks run in. This module plays both parts: loaded by the service it only knows its own address, which the
// bundler changes; started as a process it checks what it is sent, until whoever started it is gone.
import { fileURLToPath } from 'node:url';
import type { ArtifactCheck, ArtifactKind } from './schemas.ts';

export interface Job {
  readonly kind: ArtifactKind;
  readonly content: string;
}

/** What the process says: that a check has begun, now that all it needs is loaded, and how it ended. */
export type Word = 'begun' | ArtifactCheck;

export const processFile = fileURLToPath(import.meta.url);
export const processRole = 'artifact-checks';

if (process.argv[2] === processRole && process.send) {
  const say = (word: Word) => process.send?.(word);
  const { checkHere, prepare } = await import('./checks.ts');
  const answer = async ({ kind, content }: Job) => {
    await prepare(kind);
    say('begun');
    say(await checkHere(kind, content));
  };
  process.on('message', (job: Job) => void answer(job));
}
