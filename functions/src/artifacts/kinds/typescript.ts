import { lineAndColumn } from '../json-text.ts';
import { accepted, rejected, rejectedFor } from '../result.ts';
import type { ArtifactCheck } from '../schemas.ts';
import { typescriptChecker } from '../typescript/check-in-worker.ts';

const compile = typescriptChecker();

/** Valid when the file compiles in isolation; what it imports is taken on trust. Nothing is executed. Metrics: `lines`. */
export const checkTypescript = async (source: string): Promise<ArtifactCheck> => {
  if (source.trim() === '') return rejected([{ where: '1:1', message: 'The file is empty.' }]);
  const outcome = await compile(source);
  if (outcome === null) return rejected([{ where: '1:1', message: 'The code nests too deeply to be compiled.' }]);
  if (outcome === 'gave-up') {
    return rejected([{ where: '1:1', message: 'The code asks too much of the type checker: simplify its types.' }]);
  }
  if (outcome.length === 0) return accepted({ metrics: { lines: source.split('\n').length } });
  return rejectedFor(outcome, ({ at, message }) => ({ where: lineAndColumn(source, at), message }));
};
