// The operations of an OpenAPI document, each with what callers must know to use it.
import { isTree } from '../../../../platform/json.ts';
import { child, items, members, resolved, resolvedChild, rootOf, whole, type Located } from './located.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

export interface PathItem {
  /** The path with its placeholders unnamed: renaming one changes nothing for a caller. */
  readonly template: string;
  readonly path: string;
  readonly at: string;
  readonly operations: ReadonlyMap<string, Operation>;
}

export interface Operation {
  readonly name: string;
  readonly located: Located;
  /** By place and name; those of a path by their position in it. */
  readonly parameters: ReadonlyMap<string, Located>;
  /** Alternatives, each the schemes that must be met together: `name scope` and `name`. An empty one needs nobody to sign in. */
  readonly security: readonly ReadonlySet<string>[];
}

export const pathsOf = (document: unknown): ReadonlyMap<string, PathItem> => {
  const root = whole(document);
  const usual = alternativesIn(child(root, 'security'));
  return new Map(
    members(child(root, 'paths')).map(([path, item]) => {
      const template = path.replaceAll(placeholder, '{}');
      return [template, { template, path, at: item.at, operations: operationsOf(path, item, usual) }];
    }),
  );
};

const placeholder = /\{([^{}]*)\}/g;

const operationsOf = (path: string, located: Located, usual: Operation['security']): ReadonlyMap<string, Operation> => {
  const item = resolved(located);
  if (!item) return new Map();
  const ordinals = ordinalsOf(path);
  return new Map(
    methods.flatMap((method) => {
      const operation = child(item, method);
      if (!operation || !isTree(operation.node)) return [];
      const name = `${method.toUpperCase()} ${path}`;
      const parameters = new Map([...parametersOf(ordinals, item), ...parametersOf(ordinals, operation)]);
      const own = child(operation, 'security');
      const security = own ? alternativesIn(own) : usual;
      return [[method, { name, located: operation, parameters, security }] as const];
    }),
  );
};

// OpenAPI 3.1, section 4.8.12: parameters of these names are ignored.
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization']);

/** The place of each placeholder among those of its path. */
const ordinalsOf = (path: string): ReadonlyMap<string, number> => {
  const ordinals = new Map<string, number>();
  for (const [, name = ''] of path.matchAll(placeholder)) {
    if (!ordinals.has(name)) ordinals.set(name, ordinals.size + 1);
  }
  return ordinals;
};

const parametersOf = (ordinals: ReadonlyMap<string, number>, holder: Located): [string, Located][] =>
  items(child(holder, 'parameters')).flatMap((each) => {
    const parameter = resolved(each);
    if (!parameter || !isTree(parameter.node)) return [];
    const { in: place, name } = parameter.node;
    if (typeof place !== 'string' || typeof name !== 'string') return [];
    if (place === 'path') return [[`path ${ordinals.get(name) ?? 0}`, parameter]];
    if (place !== 'header') return [[`${place} ${name}`, parameter]];
    return ignoredHeaders.has(name.toLowerCase()) ? [] : [[`header ${name.toLowerCase()}`, parameter]];
  });

// Each is compared with each of the other document's.
const maxAlternatives = 100;

const alternativesIn = (security: Located | undefined): Operation['security'] => {
  const alternatives = items(security).slice(0, maxAlternatives);
  if (alternatives.length === 0) return [new Set()];
  return alternatives.map(
    (alternative) =>
      new Set(
        members(alternative).flatMap(([name, scopes]) => {
          const scheme = schemeOf(rootOf(alternative), name);
          return [scheme, ...items(scopes).map(({ node }) => `${scheme} ${String(node)}`)];
        }),
      ),
  );
};

/** A scheme by what it asks of a caller: one that is renamed only is the same. */
const schemeOf = (root: Located, name: string): string => {
  const schemes = child(root, 'components') && child(child(root, 'components') ?? root, 'securitySchemes');
  const scheme = schemes && resolvedChild(schemes, name);
  if (!scheme || !isTree(scheme.node)) return name;
  const { type, scheme: method, in: place, name: key } = scheme.node;
  return [type, method, place, key].map((part) => (typeof part === 'string' ? part : '')).join(':');
};
