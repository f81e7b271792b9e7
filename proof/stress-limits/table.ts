// What came of each row, whether that is as it must be, and the rows as a page. Pure.

/** The functions that the rows reach, and what each is declared with, in MiB. */
export const declaredMiB = { api: 1_024, acceptTask: 512, runSchedules: 512 } as const;
export type Measured = keyof typeof declaredMiB;

/** What others saw of the service meanwhile and right after. */
export interface Honest {
  readonly answered: number;
  readonly refused: number;
  readonly slowestMs: number;
}

export interface Outcome {
  readonly name: string;
  readonly measured: Measured;
  readonly expects: readonly string[];
  readonly outcome: string;
  /** Of the request, or of all of them. */
  readonly bytes: number;
  readonly ms: number;
  /** Of the function's process with its children; null where the system does not say (it is Linux that does). */
  readonly beforeMiB: number | null;
  readonly peakMiB: number | null;
  readonly honest: Honest;
  /** Whether it is still the process that it was before. */
  readonly sameProcess: boolean;
}

export const patienceMs = 15_000;

/** Why the row fails; empty when it passes. */
export const faultsOf = ({
  expects,
  outcome,
  measured,
  peakMiB,
  honest,
  sameProcess,
}: Omit<Outcome, 'name'>): string[] => {
  const faults: string[] = [];
  if (!expects.includes(outcome)) faults.push(`expected ${expects.join(' or ')}`);
  if (!sameProcess) faults.push('the process died');
  if (peakMiB !== null && peakMiB > declaredMiB[measured]) faults.push(`more than ${declaredMiB[measured]} MiB`);
  if (honest.answered === 0 || honest.refused > 0) faults.push(`${honest.refused} requests of others not answered`);
  if (honest.slowestMs > patienceMs) faults.push('others waited too long');
  return faults;
};

export const hasPassed = (outcomes: readonly Outcome[]): boolean =>
  outcomes.length > 0 && outcomes.every((each) => faultsOf(each).length === 0);

const columns = ['what was sent', 'bytes', 'outcome', 'ms', 'memory before', 'peak', 'others, slowest', 'verdict'];

const mib = (value: number | null) => (value === null ? '–' : `${value} MiB`);

const line = (each: Outcome): string => {
  const faults = faultsOf(each);
  const { measured, beforeMiB, peakMiB, honest } = each;
  const cells = [
    each.name,
    each.bytes.toLocaleString('en'),
    each.outcome,
    each.ms.toLocaleString('en'),
    mib(beforeMiB),
    `${mib(peakMiB)} of ${declaredMiB[measured]} (\`${measured}\`)`,
    `${honest.answered} × 200, ${honest.slowestMs.toLocaleString('en')} ms`,
    faults.length === 0 ? 'as expected' : `**FAILED**: ${faults.join('; ')}`,
  ];
  return `| ${cells.join(' | ')} |`;
};

export const markdown = (outcomes: readonly Outcome[]): string =>
  [
    `# Limits under stress: ${hasPassed(outcomes) ? 'passed' : 'FAILED'}`,
    [
      `| ${columns.join(' | ')} |`,
      '| --- | --: | --- | --: | --: | --: | --: | --- |',
      ...outcomes.map((each) => line(each)),
    ].join('\n'),
  ].join('\n\n');
