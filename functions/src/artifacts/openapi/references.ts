// References are followed here before the linter follows them: it fails as a whole on one that leads back to itself.
import { isTree } from '../../platform/json.ts';
import type { Finding } from '../schemas.ts';
import type { Reference } from './tree.ts';

/** Findings for references that leave the document or never arrive anywhere; one that leads nowhere is the linter's to find. */
export const checkReferences = (root: unknown, references: readonly Reference[]): Finding[] =>
  references.flatMap(({ where, target }) => {
    if (!target.startsWith('#')) {
      return [{ where, message: `'${target}' is outside of the document, which must stand alone: define it here.` }];
    }
    return leadsToItself(root, target) ? [{ where, message: `'${target}' leads back to itself.` }] : [];
  });

const leadsToItself = (root: unknown, target: string): boolean => arrivalOf(root, target) === circular;

const circular = Symbol('circular');

// A chain of references this long is taken for a circle: nobody writes one, and the linter's way along it costs its square.
const maxHops = 50;

interface Arrival {
  /** What a reference stands for; undefined when nothing is there. */
  readonly node: unknown;
  /** The longest chain of references on the way. */
  readonly hops: number;
}

/** Where each reference of a document arrives: a short document can have billions of ways through its references. */
const arrivals = new WeakMap<object, Map<string, Arrival>>();

/** What a local reference stands for, through further references; undefined when nothing is there. */
const arrivalOf = (root: unknown, target: string): unknown => {
  if (typeof root !== 'object' || root === null) return undefined;
  const known = arrivals.get(root) ?? new Map<string, Arrival>();
  arrivals.set(root, known);
  return follow({ root, known, depth: 0 }, target).node;
};

interface Way {
  readonly root: object;
  readonly known: Map<string, Arrival>;
  readonly depth: number;
}

const lost = { node: circular, hops: 0 };

/** Each target once: what is asked for again while it is followed leads to itself. */
const follow = (way: Way, target: string): Arrival => {
  const before = way.known.get(target);
  if (before || way.depth > maxHops) return before ?? lost;
  way.known.set(target, lost);
  const arrival = walk({ ...way, depth: way.depth + 1 }, keysOf(target));
  way.known.set(target, arrival);
  return arrival;
};

const walk = (way: Way, keys: readonly string[]): Arrival => {
  let here: Arrival = { node: way.root, hops: 1 };
  for (const key of keys) {
    if (childOf(here.node, key) === undefined) here = arrive(way, here);
    if (here.node === circular) return lost;
    here = { node: childOf(here.node, key), hops: here.hops };
  }
  return arrive(way, here);
};

const arrive = (way: Way, { node, hops }: Arrival): Arrival => {
  if (!isReference(node)) return { node, hops };
  const arrived = follow(way, node.$ref);
  const longest = Math.max(hops, arrived.hops + 1);
  return longest > maxHops ? lost : { node: arrived.node, hops: longest };
};

const isReference = (node: unknown): node is { $ref: string } => isTree(node) && typeof node['$ref'] === 'string';

const childOf = (node: unknown, key: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? (node as Record<string, unknown>)[key]
    : undefined;

/** The keys of a reference's JSON pointer; none for an anchor. */
const keysOf = (target: string): string[] =>
  target.startsWith('#/') ? target.slice(2).split('/').filter(Boolean).map(unescapeKey) : [];

const unescapeKey = (key: string): string => {
  const unescaped = key.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(unescaped);
  } catch {
    return unescaped;
  }
};

/** Follows an object's `$ref`, if it has one; undefined when it leads nowhere or to itself. */
export const dereference = (root: unknown, node: unknown): unknown => {
  if (!isReference(node)) return node;
  const found = arrivalOf(root, node.$ref);
  return found === circular ? undefined : found;
};
