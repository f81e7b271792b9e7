// Nodes of a parsed document with the place they stand at. Documents come from others: nothing about their shape is trusted.
import { isTree } from '../../../../platform/json.ts';

/** A document, and how much of it may still be read. */
interface Source {
  readonly document: unknown;
  left: number;
}

/** A node and its JSON pointer (RFC 6901) within its document. */
export interface Located {
  readonly source: Source;
  readonly node: unknown;
  readonly at: string;
}

/** References make a short document endless: as much is read of one as a very large one without them has. */
export class TooMuchToRead extends Error {
  override readonly name = 'TooMuchToRead';
}

// A node costs the length of its pointer and this much. An ordinary document of a mebibyte stays below it.
export const nodeCost = 50;
const readable = 100_000_000;

export const whole = (document: unknown): Located => ({ source: { document, left: readable }, node: document, at: '' });

/** The root of the document that a node stands in. */
export const rootOf = ({ source }: Located): Located => ({ source, node: source.document, at: '' });

/** Throws TooMuchToRead when the document has no more to give. */
export const spend = ({ source }: Located, cost: number): void => {
  source.left -= cost;
  if (source.left < 0) throw new TooMuchToRead();
};

const within = (parent: Located, key: string | number, node: unknown): Located => {
  const at = pointerTo(parent.at, key);
  spend(parent, nodeCost + at.length);
  return { source: parent.source, node, at };
};

const pointerTo = (at: string, key: string | number): string =>
  `${at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The child under a key, or undefined. Only what the node itself holds: a document may well say `__proto__`. */
export const child = (parent: Located, key: string): Located | undefined => {
  const { node } = parent;
  return typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? within(parent, key, (node as Record<string, unknown>)[key])
    : undefined;
};

/** The members of an object, or none. */
export const members = (located: Located | undefined): [string, Located][] => {
  if (!located || !isTree(located.node)) return [];
  return Object.entries(located.node).map(([key, node]) => [key, within(located, key, node)]);
};

/** The items of a list, or none. */
export const items = (located: Located | undefined): Located[] => {
  if (!located || !Array.isArray(located.node)) return [];
  return located.node.map((node: unknown, index) => within(located, index, node));
};

// A chain of references this long is taken for a circle.
const maxHops = 50;

/** What a node stands for, through local references; undefined when they lead nowhere or in a circle. */
export const resolved = (located: Located): Located | undefined => {
  let here: Located | undefined = located;
  for (let hops = 0; here && hops <= maxHops; hops++) {
    const target = referenceOf(here);
    if (target === undefined) return here;
    spend(located, target.length);
    here = target.startsWith('#/') ? keysOf(target).reduce<Located | undefined>(step, rootOf(located)) : undefined;
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

/** The node as JSON. */
export const jsonOf = (located: Located): string => {
  const json = JSON.stringify(located.node);
  spend(located, json.length);
  return json;
};

/** The child under a key, through references. */
export const resolvedChild = (located: Located, key: string): Located | undefined => {
  const found = child(located, key);
  return found && resolved(found);
};
