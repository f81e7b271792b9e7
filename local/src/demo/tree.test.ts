import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { treeOf } from './tree.ts';

const node = (id: string, ...dependsOn: string[]) => ({ id, dependsOn });
const drawn = (...nodes: { id: string; dependsOn: string[] }[]) =>
  treeOf(nodes).map(
    ({ lead, node: { id }, alsoAfter }) => `${lead}${id}${alsoAfter.map((each) => ` +${each}`).join('')}`,
  );

describe('treeOf', () => {
  test('draws a chain flat', () => {
    expect(drawn(node('a'), node('b', 'a'), node('c', 'b'))).toEqual(['a', '↓ b', '↓ c']);
  });

  test('puts a join below its last branch and names the others', () => {
    expect(drawn(node('a'), node('b', 'a'), node('c', 'a'), node('d', 'a', 'b', 'c'), node('e', 'd', 'b'))).toEqual([
      'a',
      '├─ b',
      '└─ c',
      '   ↓ d +b',
      '   ↓ e',
    ]);
  });

  test('hangs a node below the dependency that is farthest from the start', () => {
    expect(drawn(node('a'), node('b', 'a'), node('x'), node('c', 'b', 'x'))).toEqual(['a', '↓ b', '↓ c +x', 'x']);
  });

  test('draws nodes in any order of definition, and ignores dependencies that are not known yet', () => {
    expect(drawn(node('b', 'a', 'later'), node('a'))).toEqual(['a', '↓ b']);
  });

  const graphs = fc
    .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
    .map((all) =>
      all.map((raw, index) => node(`n${index}`, ...raw.filter((each) => each < index).map((each) => `n${each}`))),
    );

  test('draws every node of an acyclic graph once, after its parent, and loses no dependency', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const rows = treeOf(nodes);
        expect(rows.map(({ node: { id } }) => id).sort()).toEqual(nodes.map(({ id }) => id).sort());
        for (const [
          index,
          {
            lead,
            node: { dependsOn },
            alsoAfter,
          },
        ] of rows.entries()) {
          const above = ancestorsIn(rows, index, lead);
          const said = reachable(nodes, [...above, ...alsoAfter]);
          expect(dependsOn.filter((id) => !said.has(id))).toEqual([]);
        }
      }),
    );
  });
});

/** Ids of the nodes that the row hangs below, read off the drawing alone. */
const ancestorsIn = (rows: ReturnType<typeof treeOf>, index: number, lead: string): string[] => {
  const isChained = lead.endsWith('↓ ');
  const above = isChained ? index - 1 : rows.slice(0, index).findLastIndex((row) => row.lead.length < lead.length);
  const parent = rows[above];
  return parent ? [parent.node.id, ...ancestorsIn(rows, above, parent.lead)] : [];
};

const reachable = (nodes: readonly { id: string; dependsOn: string[] }[], from: readonly string[]): Set<string> => {
  const found = new Set<string>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    nodes.find((each) => each.id === id)?.dependsOn.forEach(visit);
  };
  from.forEach(visit);
  return found;
};
