// The dependency graph of a plan as an indented tree; a node that alone follows another one stands below it with an arrow, so that a
// chain of any length stays flat. A node hangs below the dependency that is farthest from the start, as it
// comes after that one in any case; what else it waits for, and no ancestor says already, is named beside it. Pure.
import type { Step } from './progress.ts';

type Node = Pick<Step, 'id' | 'dependsOn'>;

export interface TreeRow<N extends Node> {
  /** Branch characters that lead to the node. */
  readonly lead: string;
  readonly node: N;
  /** Dependencies that the node's place in the tree does not show. */
  readonly alsoAfter: readonly string[];
}

/** One row per node, parents before children, siblings in the given order. The graph must be acyclic. */
export const treeOf = <N extends Node>(nodes: readonly N[]): TreeRow<N>[] => {
  const graph = new Graph(nodes);
  const children = Map.groupBy(nodes, (node) => graph.parentOf(node));
  const below = (parent: N | undefined, lead: string): TreeRow<N>[] =>
    (children.get(parent) ?? []).flatMap((node, index, siblings) => {
      const [branch, trunk] = parent ? strokes(index, siblings.length) : ['', ''];
      return [{ lead: lead + branch, node, alsoAfter: graph.hidden(node) }, ...below(node, lead + trunk)];
    });
  return below(undefined, '');
};

const strokes = (index: number, siblings: number): [branch: string, trunk: string] => {
  if (siblings === 1) return ['↓ ', ''];
  return index === siblings - 1 ? ['└─ ', '   '] : ['├─ ', '│  '];
};

class Graph<N extends Node> {
  readonly #nodes: ReadonlyMap<string, N>;
  readonly #levels = new Map<string, number>();
  readonly #ancestors = new Map<string, ReadonlySet<string>>();

  constructor(nodes: readonly N[]) {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
  }

  parentOf(node: N): N | undefined {
    return this.#before(node).reduce<N | undefined>(
      (parent, each) => (parent && this.#level(parent) > this.#level(each) ? parent : each),
      undefined,
    );
  }

  /** Dependencies that are neither the parent nor before the parent. */
  hidden(node: N): string[] {
    const parent = this.parentOf(node);
    if (!parent) return [];
    const shown = this.#closure(parent);
    const others = this.#before(node).filter(({ id }) => id !== parent.id && !shown.has(id));
    return others.filter((each) => !others.some((other) => this.#closure(other).has(each.id))).map(({ id }) => id);
  }

  #before({ dependsOn }: Node): N[] {
    return [...new Set(dependsOn)].flatMap((id) => this.#nodes.get(id) ?? []);
  }

  /** Length of the longest way from a start. */
  #level(node: N): number {
    const known = this.#levels.get(node.id);
    if (known !== undefined) return known;
    const level = 1 + Math.max(-1, ...this.#before(node).map((each) => this.#level(each)));
    this.#levels.set(node.id, level);
    return level;
  }

  /** Everything that must be over before the node starts. */
  #closure(node: N): ReadonlySet<string> {
    const known = this.#ancestors.get(node.id);
    if (known) return known;
    const all = new Set(this.#before(node).flatMap((each) => [each.id, ...this.#closure(each)]));
    this.#ancestors.set(node.id, all);
    return all;
  }
}
