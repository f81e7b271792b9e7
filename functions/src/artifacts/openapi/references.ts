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

const leadsToItself = (root: unknown, target: string): boolean => follow(root, target, new Set()) === circular;

const circular = Symbol('circular');

// A chain of references this long is taken for a circle: nobody writes one, and following it costs its square.
const maxHops = 50;

/** What a local reference stands for, through further references; undefined when nothing is there. */
const follow = (root: unknown, target: string, followed: ReadonlySet<string>): unknown => {
  if (followed.has(target) || followed.size > maxHops) return circular;
  const passed = new Set(followed).add(target);
  const arrive = (node: unknown) => (isReference(node) ? follow(root, node.$ref, passed) : node);
  let node = root;
  for (const key of keysOf(target)) {
    const here = childOf(node, key) === undefined ? arrive(node) : node;
    if (here === circular) return circular;
    node = childOf(here, key);
  }
  return arrive(node);
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
  const found = follow(root, node.$ref, new Set());
  return found === circular ? undefined : found;
};
