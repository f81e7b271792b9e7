// API deprecations, read off two versions of an OpenAPI document.
import { isTree, type Tree } from '../../platform/json.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * The operations that callers of `previous` can no longer count on: those that `current` newly marks as deprecated, and those
 * that it no longer has. Both are parsed documents; without a previous one, every deprecation is new.
 */
export const apiDeprecations = (previous: unknown, current: unknown): string[] => {
  const before = operationsOf(previous);
  const after = operationsOf(current);
  const deprecated = [...after].filter(([key, { isDeprecated }]) => isDeprecated && !before.get(key)?.isDeprecated);
  const withdrawn = [...before].filter(([key]) => !after.has(key));
  return [
    ...deprecated.map(([, { name }]) => `${name} is deprecated`),
    ...withdrawn.map(([, { name }]) => `${name} is withdrawn`),
  ];
};

interface Operation {
  readonly name: string;
  readonly isDeprecated: boolean;
}

const operationsOf = (document: unknown): Map<string, Operation> => {
  const paths = Object.entries(child(document, 'paths'));
  return new Map(
    paths.flatMap(([path, item]) => {
      const operations = itemOf(document, item);
      return methods
        .filter((method) => Object.hasOwn(operations, method))
        .map((method) => [keyOf(method, path), operationOf(`${method.toUpperCase()} ${path}`, operations[method])]);
    }),
  );
};

// A parameter's name is the contract's own affair: `/tasks/{id}` and `/tasks/{task}` are one path.
const keyOf = (method: string, path: string) => `${method} ${path.replaceAll(/\{[^{}]*\}/g, '{}')}`;

const operationOf = (name: string, operation: unknown): Operation => ({
  name,
  isDeprecated: isTree(operation) && operation['deprecated'] === true,
});

/** A path item, or the shared one that it refers to. */
const itemOf = (document: unknown, item: unknown): Tree => {
  const reference = isTree(item) ? item['$ref'] : undefined;
  const name = typeof reference === 'string' ? /^#\/components\/pathItems\/([^/]+)$/.exec(reference)?.[1] : undefined;
  if (name === undefined) return isTree(item) ? item : {};
  return child(child(child(document, 'components'), 'pathItems'), name);
};

const child = (node: unknown, key: string): Tree => {
  const found = isTree(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  return isTree(found) ? found : {};
};
