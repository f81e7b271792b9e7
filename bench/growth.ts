// How the cost of a task grows with what is in the database already, and with how wide it is.
import { startFanOutBench, type FanOutBench } from './fan-out.ts';
import type { Figures } from './figures.ts';

const databaseSizes = [10, 100, 1_000, 10_000];
/** With the join that follows, the last is the widest plan there may be. */
const widths = [1, 10, 50, 199];
const warmUpTasks = 10;
const tasksEach = 20;
const inFlight = 4;

/** With ever more finished tasks of the same org in the database. */
export async function* benchGrowth(): AsyncGenerator<Figures, void> {
  // A copy is no new task: the event of its creation is dropped, whenever it comes.
  const bench = await startFanOutBench({
    around: async ({ headers }, deliverOnce) =>
      headers['ce-document']?.includes(`/tasks/${copyPrefix}`)
        ? { outcome: 'succeeded', tally: { failures: 0, interruptions: 0 } }
        : deliverOnce(),
  });
  try {
    await bench.run({ tasks: warmUpTasks, width: 5, inFlight });
    let finished = warmUpTasks;
    for (const wanted of databaseSizes) {
      await copyFinished(bench, Math.max(0, wanted - finished));
      finished = Math.max(finished, wanted);
      const measured = await bench.measure({ tasks: tasksEach, width: 5, inFlight });
      const sweepMs = await timeOf(() => sweep(bench));
      const emptyQueryMs = await timeOf(() => whoWaits(bench));
      yield { bench: 'growth', finishedTasks: finished, width: 5, sweepMs, emptyQueryMs, ...measured };
      finished += tasksEach;
    }
  } finally {
    await bench.stop();
  }
}

/** With ever more assignments side by side. */
export async function* benchWidth(): AsyncGenerator<Figures, void> {
  const bench = await startFanOutBench();
  try {
    await bench.run({ tasks: warmUpTasks, width: 5, inFlight });
    for (const width of widths) {
      const tasks = width > 50 ? 3 : tasksEach;
      const measured = await bench.measure({ tasks, width, inFlight: width > 50 ? 1 : inFlight });
      const perAssignment = {
        cpuMs: each(measured.cpuMsPerTask, width),
        commits: each(measured.commitsPerTask, width),
        documentReads: each(measured.documentReadsPerTask, width),
      };
      yield { bench: 'width', width, tasks, perAssignment, ...measured };
    }
  } finally {
    await bench.stop();
  }
}

const each = (perTask: number, width: number) => Number((perTask / (width + 1)).toFixed(2));

/** A commit has room for 500 documents, and a copy has seven. */
const copiesPerCommit = 70;

/** No id that is made from a hash has so many of them. */
const copyPrefix = 'tsk_cccccccccccc';

/** Copies of a task that was really run, with its assignments and events, under ids of their own. */
const copyFinished = async ({ database, suite }: FanOutBench, count: number): Promise<void> => {
  const tasks = database.collection('orgs').doc(suite.org).collection('tasks');
  const [model] = (await tasks.where('state', '==', 'completed').limit(1).get()).docs;
  if (!model || count === 0) return;
  const assignments = await model.ref.collection('assignments').get();
  const copies = Array.from({ length: count }, (_, copy) => {
    const id = `${copyPrefix}${String(copy + count * 7).padStart(8, 'c')}`;
    const reference = tasks.doc(id);
    const parts = assignments.docs.map((doc) => ({
      reference: reference.collection('assignments').doc(doc.id),
      data: { ...doc.data(), task: id },
    }));
    return [{ reference, data: { ...model.data(), id } }, ...parts];
  });
  for (let first = 0; first < count; first += copiesPerCommit) {
    const batch = database.batch();
    for (const { reference, data } of copies.slice(first, first + copiesPerCommit).flat()) batch.set(reference, data);
    await batch.commit();
  }
};

const sweep = async ({ suite }: FanOutBench): Promise<void> => {
  const answer = await fetch(`${suite.urls.host}/schedules/sweepTasks`, { method: 'POST' });
  if (!answer.ok) throw new Error(`The sweeper answered ${answer.status}.`);
};

/** One of the queries that every task costs, and that finds nothing: what it takes is the emulator's time alone. */
const whoWaits = async ({ database, suite }: FanOutBench): Promise<void> => {
  const tasks = database.collection('orgs').doc(suite.org).collection('tasks');
  await tasks.where('state', '==', 'submitted').orderBy('queue.rank').limit(1).get();
};

const timeOf = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
};
