// The table over all tasks at the end. Pure.
import { elapsedMs, type Progress } from './progress.ts';
import type { PlanView } from './plan-lines.ts';
import { count, dollars, fit, widthOf, oneLine, seconds } from './text.ts';

interface Column {
  readonly head: string;
  readonly cell: (progress: Progress) => string;
  readonly total: (all: readonly Progress[]) => string;
}

const sum = (all: readonly Progress[], number: (progress: Progress) => number) =>
  count(all.reduce((total, each) => total + number(each), 0));

const repairsOf = ({ steps }: Progress) => [...steps.values()].reduce((total, { repairs }) => total + repairs, 0);

const figures = {
  assignments: ({ steps }: Progress) => steps.size,
  repairs: repairsOf,
  calls: ({ spend }: Progress) => spend.llmCalls,
  tokens: ({ spend }: Progress) => spend.tokens,
} satisfies Record<string, (progress: Progress) => number>;

const category: Column = { head: 'category', cell: ({ analysis }) => analysis?.category ?? '–', total: () => '' };

const others: readonly Column[] = [
  { head: 'result', cell: ({ state }) => state, total: () => '' },
  { head: 'time', cell: (each) => seconds(elapsedMs(each)), total: (all) => seconds(totalMs(all)) },
  ...Object.entries(figures).map(([head, figure]) => ({
    head,
    cell: (each: Progress) => count(figure(each)),
    total: (all: readonly Progress[]) => sum(all, figure),
  })),
  {
    head: 'cost',
    cell: ({ spend }) => dollars(spend.costNanoUsd),
    total: (all) => dollars(all.reduce((total, { spend }) => total + spend.costNanoUsd, 0n)),
  },
];

const totalMs = (all: readonly Progress[]) => all.reduce((total, each) => total + elapsedMs(each), 0);

const gap = '  ';
const leastTitleChars = 12;
/** Below it the category, which the log tells too, and what matters least are left out. */
const wideChars = 110;
const minor: ReadonlySet<string> = new Set(['repairs', 'calls']);

/** One row per task, and their total when there is more than one. */
export const summaryLines = (
  all: readonly Progress[],
  { paint, width }: Pick<PlanView, 'paint' | 'width'>,
): string[] => {
  const columns = width < wideChars ? others.filter(({ head }) => !minor.has(head)) : [category, ...others];
  const rows = [
    { title: 'task', cells: columns.map(({ head }) => head) },
    ...all.map((each) => ({ title: oneLine(each.title), cells: columns.map(({ cell }) => cell(each)) })),
    ...(all.length > 1 ? [{ title: 'total', cells: columns.map(({ total }) => total(all)) }] : []),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map(({ cells }) => cells[index]?.length ?? 0)));
  const taken = widths.reduce((total, each) => total + each + gap.length, 0);
  const titleWidth = Math.min(
    Math.max(...rows.map(({ title }) => widthOf(title))),
    Math.max(leastTitleChars, width - taken),
  );
  const lines = rows.map(({ title, cells }) =>
    [fit(title, titleWidth), ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0))].join(gap),
  );
  return lines.map((line, index) => (index === 0 ? paint('strong', line) : line));
};
