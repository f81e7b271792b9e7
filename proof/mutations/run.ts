// `node proof/mutations/run.ts [--only TEXT]…`: puts each defect of the table into a copy of the repository and runs the tests that
// should notice. A line of JSON a defect on standard output, a Markdown table at the end; exits with 1 when a defect survives, or
// when the tests cannot tell.
import { parseArgs } from 'node:util';
import type { Mutation } from './apply.ts';
import { mutations } from './mutations.ts';
import { openWorkshop, type Verdict, type Workshop } from './workshop.ts';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [''] } } });
const chosen = mutations.filter(({ name }) => values.only.some((text) => name.includes(text)));

/** The tests must pass without a defect, or their failing with one says nothing. */
const refuseBrokenTests = async (workshop: Workshop): Promise<void> => {
  for (const [project, some] of Map.groupBy(chosen, (each) => each.project)) {
    const tests = [...new Set(some.flatMap((each) => each.tests))];
    const { verdict, failed } = await workshop.test({ project, tests });
    if (verdict !== 'survived') throw new Error(`Without any defect: ${verdict} ${failed.join('; ')}`);
  }
};

const rowOf = ({ name, file }: Mutation, verdict: Verdict, failed: readonly string[]) =>
  `| ${name} | ${file} | ${verdict} | ${failed[0] ?? '-'} |`;

const workshop = await openWorkshop();
const rows: string[] = [];
let unnoticed = 0;
try {
  await refuseBrokenTests(workshop);
  for (const mutation of chosen) {
    const startedAt = performance.now();
    const { verdict, failed } = await workshop.tryOut(mutation);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(JSON.stringify({ defect: mutation.name, file: mutation.file, verdict, failed, seconds }));
    rows.push(rowOf(mutation, verdict, failed));
    if (verdict !== 'killed') unnoticed++;
  }
} finally {
  await workshop.stop();
}
console.log(
  ['', '| Defect | File | Verdict | First test that fails |', '| --- | --- | --- | --- |', ...rows].join('\n'),
);
process.exit(unnoticed > 0 ? 1 : 0);
