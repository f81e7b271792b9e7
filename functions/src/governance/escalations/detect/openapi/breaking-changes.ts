// What in the next version of an API breaks those who use the one before. Pure, and safe with any two parsed documents.
import { both, come, found, gone, nothing, type BreakingChange, type Comparison } from './changes.ts';
import { compareOperations } from './compare-operations.ts';
import { compareSchemas } from './compare-schemas.ts';
import { TooMuchToRead } from './located.ts';
import { pathsOf, type PathItem } from './operations.ts';

/**
 * Every breaking change between two OpenAPI documents, each once. Documents that are none give none; of two that are too much to
 * compare it is said that they are.
 */
export const breakingChanges = (before: unknown, after: unknown): BreakingChange[] => {
  try {
    return compare(before, after);
  } catch (error) {
    if (!(error instanceof TooMuchToRead)) throw error;
    return [come('not-comparable', '', 'the contracts refer to themselves too often to be compared')];
  }
};

const compare = (before: unknown, after: unknown): BreakingChange[] => {
  const next = pathsOf(after);
  const { changes, pairs } = both(
    [...pathsOf(before).values()].map((path) => comparePath(path, next.get(path.template))),
  );
  const all = [...changes, ...compareSchemas(pairs)];
  return [
    ...new Map(all.map((change) => [`${change.kind} ${change.in} ${change.at} ${change.detail}`, change])).values(),
  ];
};

const comparePath = (before: PathItem, after: PathItem | undefined): Comparison => {
  if (before.operations.size === 0) return nothing;
  if (!after || after.operations.size === 0) return found(gone('path-removed', before.at, `${before.path} is gone`));
  return both(
    [...before.operations].map(([method, operation]) => {
      const same = after.operations.get(method);
      if (same) return compareOperations(operation, same);
      return found(gone('operation-removed', operation.located.at, `${operation.name} is gone`));
    }),
  );
};
