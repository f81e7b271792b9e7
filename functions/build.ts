// Builds the deployed module: `node functions/build.ts`. Deploys and the local suite run the same build.
import { build as bundle, formatMessages, type BuildFailure, type OutputFile } from 'esbuild';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const outputDirectory = path.join(import.meta.dirname, 'lib');

/** The sources do not compile; the message lists every error with file, line and the text there. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/**
 * Bundles src/index.ts to lib/index.js and the chunks that it loads on first use. Files that are there already stay as they
 * are: several suites may run from them. Returns the paths of the module's files. Throws BuildError.
 */
export const build = async (): Promise<string[]> => {
  const outputs = await compile();
  await mkdir(outputDirectory, { recursive: true });
  // Chunks first: the entry names them.
  const [entry, chunks] = [outputs.filter(isEntry), outputs.filter((file) => !isEntry(file))];
  await Promise.all(chunks.map(replaceFile));
  await Promise.all(entry.map(replaceFile));
  return outputs.map((file) => file.path);
};

const isEntry = (file: OutputFile) => path.basename(file.path).startsWith('index.js');

const compile = async (): Promise<OutputFile[]> => {
  try {
    const { outputFiles } = await bundle({
      absWorkingDir: import.meta.dirname,
      entryPoints: ['src/index.ts'],
      outdir: 'lib',
      bundle: true,
      format: 'esm',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      packages: 'external',
      platform: 'node',
      target: 'node24',
      sourcemap: true,
      logLevel: 'silent',
      write: false,
    });
    return outputFiles;
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const messages = await formatMessages(error.errors, { kind: 'error' });
    throw new BuildError(messages.join('').trimEnd(), { cause: error });
  }
};

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error;

/** Writes by rename, so that nobody ever loads half a file. */
const replaceFile = async ({ path: file, contents }: OutputFile) => {
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(contents)) return;
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, contents);
  await rename(draft, file);
};

/** What earlier builds left behind must not be deployed. */
const removeAllBut = async (files: readonly string[]) => {
  const present = await readdir(outputDirectory, { recursive: true, withFileTypes: true });
  const stale = present
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !files.includes(file));
  await Promise.all(stale.map(async (file) => rm(file, { force: true })));
};

if (import.meta.main) {
  try {
    await removeAllBut(await build());
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`The functions do not compile:\n${error.message}`);
    process.exitCode = 1;
  }
}
