import { lazy } from '../../platform/lazy.ts';
import { lineAndColumn } from '../json-text.ts';
import { accepted, rejected, rejectedFor } from '../result.ts';
import type { ArtifactCheck } from '../schemas.ts';
import type { CompileError } from '../typescript/compile.ts';

const loadCompiler = lazy(() => import('../typescript/compile.ts'));

/** Valid when the file compiles in isolation; what it imports is taken on trust. Nothing is executed. Metrics: `lines`. */
export const checkTypescript = async (source: string): Promise<ArtifactCheck> => {
  if (source.trim() === '') return rejected([{ where: '1:1', message: 'The file is empty.' }]);
  const { compile } = await loadCompiler();
  const errors = errorsOrNull(() => compile(source));
  if (errors === null) return rejected([{ where: '1:1', message: 'The code nests too deeply to be compiled.' }]);
  if (errors.length === 0) return accepted({ metrics: { lines: source.split('\n').length } });
  return rejectedFor(errors, ({ at, message }) => ({ where: lineAndColumn(source, at), message }));
};

// The tree of the code outgrows the call stack.
const errorsOrNull = (compile: () => CompileError[]): CompileError[] | null => {
  try {
    return compile();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
