// Nodes of a parsed document with the place they stand at. Documents come from others: nothing about their shape is trusted.
import { isTree } from '../../../../platform/json.ts';

/** A node and its JSON pointer (RFC 6901) within its document. */
export interface Located {
  readonly root: unknown;
  readonly node: unknown;
  readonly at: string;
}

export const whole = (root: unknown): Located => ({ root, node: root, at: '' });

const pointerTo = (at: string, key: string | number): string =>
  `${at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The child under a key, or undefined. Only what the node itself holds: a document may well say `__proto__`. */
export const child = ({ root, node, at }: Located, key: string): Located | undefined =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? { root, node: (node as Record<string, unknown>)[key], at: pointerTo(at, key) }
    : undefined;

/** The members of an object, or none. */
export const members = (located: Located | undefined): [string, Located][] => {
  if (!located || !isTree(located.node)) return [];
  const { root, at } = located;
  return Object.entries(located.node).map(([key, node]) => [key, { root, node, at: pointerTo(at, key) }]);
};

/** The items of a list, or none. */
export const items = (located: Located | undefined): Located[] => {
  if (!located || !Array.isArray(located.node)) return [];
  const { root, at } = located;
  return located.node.map((node: unknown, index) => ({ root, node, at: pointerTo(at, index) }));
};

// A chain of references this long is taken for a circle.
const maxHops = 50;

/** What a node stands for, through local references; undefined when they lead nowhere or in a circle. */
export const resolved = (located: Located): Located | undefined => {
  let here: Located | undefined = located;
  for (let hops = 0; here && hops <= maxHops; hops++) {
    const target = referenceOf(here);
    if (target === undefined) return here;
    here = target.startsWith('#/') ? keysOf(target).reduce<Located | undefined>(step, whole(located.root)) : undefined;
  }
  return undefined;
};

const step = (located: Located | undefined, key: string) => located && child(located, key);

export const referenceOf = ({ node }: Located): string | undefined =>
  isTree(node) && typeof node['$ref'] === 'string' ? node['$ref'] : undefined;

const keysOf = (target: string): string[] => target.slice(2).split('/').map(unescapeKey);

const unescapeKey = (key: string): string => {
  const unescaped = key.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(unescaped);
  } catch {
    return unescaped;
  }
};

/** The child under a key, through references. */
export const resolvedChild = (located: Located, key: string): Located | undefined => {
  const found = child(located, key);
  return found && resolved(found);
};
