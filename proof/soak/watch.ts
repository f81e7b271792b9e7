// Which tasks are over: asked of the database for the tasks under way only, so that its cost does not grow with the soak.
import type { DocumentReference, Firestore } from 'firebase-admin/firestore';

const over: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled', 'rejected']);

export interface Ended {
  readonly state: string;
  /** Code and sentence of what it failed of. */
  readonly failure: string | undefined;
}

export interface Watch {
  /** Resolves when the task is over, or with undefined when it is not after `patienceMs`. */
  untilOver(org: string, id: string, patienceMs: number): Promise<Ended | undefined>;
  stop(): Promise<void>;
}

const lookEveryMs = 250;

export const watchTasks = (database: Firestore): Watch => {
  const waiting = new Map<
    string,
    { readonly ref: DocumentReference; settle(how?: Ended): void; readonly until: number }
  >();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async () => {
    const refs = [...waiting.values()].map(({ ref }) => ref);
    const found = refs.length === 0 ? [] : await database.getAll(...refs, { fieldMask: ['state', 'failure'] });
    const now = Date.now();
    for (const snapshot of found) {
      const { path } = snapshot.ref;
      const each = waiting.get(path);
      const ended = snapshot.exists && over.has(String(snapshot.get('state')));
      if (!each || (!ended && now < each.until)) continue;
      waiting.delete(path);
      each.settle(ended ? endOf(snapshot.get('state'), snapshot.get('failure')) : undefined);
    }
  };
  const again = () => {
    timer = setTimeout(() => {
      // An emulator that is busy answers the next time.
      looking = look()
        .catch(() => undefined)
        .then(again);
    }, lookEveryMs);
  };
  again();

  return {
    untilOver: async (org, id, patienceMs) =>
      new Promise((settle) => {
        const ref = tasksOf(database, org).doc(id);
        waiting.set(ref.path, { ref, settle, until: Date.now() + patienceMs });
      }),
    stop: async () => {
      clearTimeout(timer);
      await looking;
      clearTimeout(timer);
    },
  };
};

const tasksOf = (database: Firestore, org: string) => database.collection('orgs').doc(org).collection('tasks');

const endOf = (state: unknown, failure: unknown): Ended => {
  const { code, detail } = (failure ?? {}) as { code?: string; detail?: string };
  return { state: String(state), failure: code === undefined ? undefined : `${code}: ${detail ?? ''}` };
};
