// How a sweeper goes through what is due in all orgs. What it fails to handle stays due, so each record is met once in a sweep: one
// that cannot be read, or that fails again and again, does not keep those behind it from being met.
import type { Query } from 'firebase-admin/firestore';
import type { z } from 'zod';
import { readable, readQuery, type Stored } from './firestore.ts';

const batchSize = 100;

/** Batches of due records, each read when it is asked for. */
export type DueBatches<T> = AsyncGenerator<Stored<T>[], void>;

/** What the query finds, in its order; records that do not fit the schema are logged and left out. */
export async function* dueBatches<S extends z.ZodType>(schema: S, due: Query): DueBatches<z.output<S>> {
  let found = await readQuery(due.limit(batchSize));
  for (;;) {
    yield found.flatMap((snapshot) => readable(schema, snapshot));
    const last = found.at(-1);
    if (!last || found.length < batchSize) return;
    found = await readQuery(due.startAfter(last).limit(batchSize));
  }
}

/**
 * Handles each record, those of a batch at once. `maxBatches` ends a sweep that would outlast its function: the next one goes on.
 * Batches that hold nothing to handle do not count.
 */
export const handleDue = async <T>(
  due: DueBatches<T>,
  handle: (each: Stored<T>) => Promise<void>,
  maxBatches = 50,
): Promise<void> => {
  let handled = 0;
  for await (const batch of due) {
    await Promise.all(batch.map(handle));
    if (batch.length > 0 && ++handled === maxBatches) return;
  }
};
