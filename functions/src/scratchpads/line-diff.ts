// The difference of two texts by lines. Pure.
//
// D1. What is the same or removed is the one text, in order, and what is the same or added the other, whatever the two hold.
// D2. It keeps as many lines as possible, unless the changed parts are too long to find out: then they are replaced as a whole.

export interface DiffLine {
  readonly op: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** The table of the search has a cell for each pair of changed lines; about 4 MB at most. */
const maxCells = 1_000_000;

export const diffLines = (before: string, after: string): DiffLine[] => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const start = commonStart(a, b);
  const end = commonStart(a.slice(start).reverse(), b.slice(start).reverse());
  const [removed, added] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return [
    ...lines('same', a.slice(0, start)),
    ...(removed.length * added.length > maxCells
      ? [...lines('removed', removed), ...lines('added', added)]
      : diffMiddle(removed, added)),
    ...lines('same', a.slice(a.length - end)),
  ];
};

const lines = (op: DiffLine['op'], texts: readonly string[]): DiffLine[] => texts.map((text) => ({ op, text }));

const commonStart = (a: readonly string[], b: readonly string[]): number => {
  const differs = a.findIndex((line, index) => line !== b[index]);
  return differs === -1 ? a.length : differs;
};

/** Walks the table of longest common subsequences; what is removed comes before what is added in its place. */
const diffMiddle = (a: readonly string[], b: readonly string[]): DiffLine[] => {
  const common = commonLengths(a, b);
  const width = b.length + 1;
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      found.push({ op: 'same', text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      found.push({ op: 'removed', text: left });
      i += 1;
    } else {
      found.push({ op: 'added', text: right ?? '' });
      j += 1;
    }
  }
  return found;
};

/** For each pair of positions, how many lines the rests of the two texts have in common, in order. */
const commonLengths = (a: readonly string[], b: readonly string[]): Uint32Array => {
  const width = b.length + 1;
  const cells = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => cells[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      cells[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return cells;
};
