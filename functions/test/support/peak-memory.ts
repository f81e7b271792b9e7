// What a piece of work takes at most, in a process of its own: that of the tests holds far more, and never gives it back.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const runner = fileURLToPath(new URL('run-measured.ts', import.meta.url));
const measured = z.object({ peakMiB: z.number(), result: z.unknown() });

export interface Work {
  /** A module, as a path from here, and the function that it exports. */
  readonly module: string;
  readonly work: string;
  /** What a function is declared with, in MiB. */
  readonly memory: number;
  readonly argument: unknown;
}

/**
 * Runs the function with its heap limited to the memory of a deployed function, and resolves with what it came to and the most memory
 * that the process had (VmHWM). Rejects when it fails or runs out of memory.
 */
export const peakOf = async ({ module, work, memory, argument }: Work): Promise<z.output<typeof measured>> => {
  const { stdout } = await run(
    process.execPath,
    [`--max-old-space-size=${memory}`, runner, module, work, JSON.stringify(argument)],
    { env: { ...process.env }, maxBuffer: 16 * 1_048_576, timeout: 240_000 },
  );
  return measured.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
};
