import { jsonPointer } from '../zod-findings.ts';

export interface Reference {
  readonly where: string;
  readonly target: string;
}

export interface Survey {
  readonly references: readonly Reference[];
  /** False when the document is larger or deeper than anything that should be walked any further. */
  readonly bounded: boolean;
}

// YAML aliases let a short text stand for billions of nodes, so nodes are counted as often as they appear.
const maxNodes = 200_000;
// Of keys and texts, as often as they appear: four times as much as a document can have without aliases.
const maxCharacters = 4_000_000;
// What a pointer is made of; every finding and every comparison writes pointers.
const maxKeyLength = 1_000;
const maxDepth = 100;

/** Walks a parsed document once, within bounds, and collects its `$ref`s. */
export const survey = (root: unknown): Survey => {
  const references: Reference[] = [];
  const path: string[] = [];
  let nodes = 0;
  let characters = 0;

  const visit = (node: unknown): boolean => {
    nodes += 1;
    characters += (path.at(-1)?.length ?? 0) + (typeof node === 'string' ? node.length : 0);
    if (nodes > maxNodes || characters > maxCharacters || path.length > maxDepth) return false;
    if ((path.at(-1)?.length ?? 0) > maxKeyLength) return false;
    if (typeof node !== 'object' || node === null) return true;
    return Object.entries(node).every(([key, value]) => {
      path.push(key);
      if (key === '$ref' && typeof value === 'string') references.push({ where: jsonPointer(path), target: value });
      const bounded = visit(value);
      path.pop();
      return bounded;
    });
  };

  const bounded = visit(root);
  return { references, bounded };
};
