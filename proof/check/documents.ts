// Reads everything that is stored for an org: the org's collections, and the collections of each task, whatever they are called.
import type { CollectionReference, Firestore } from 'firebase-admin/firestore';
import type { StoredDocument } from './history.ts';

/** Tasks whose collections are read at a time. */
const atATime = 16;

/** All documents of the org. Also finds what lies below a task that is not there. */
export const readDocuments = async (database: Firestore, org: string): Promise<StoredDocument[]> => {
  const collections = await database.collection('orgs').doc(org).listCollections();
  const direct = await Promise.all(collections.map(read));
  const tasks = await database.collection('orgs').doc(org).collection('tasks').listDocuments();
  const below: StoredDocument[] = [];
  for (let first = 0; first < tasks.length; first += atATime) {
    const some = tasks.slice(first, first + atATime).map(async (task) => {
      const inTask = await task.listCollections();
      return (await Promise.all(inTask.map(read))).flat();
    });
    below.push(...(await Promise.all(some)).flat());
  }
  return [...direct.flat(), ...below];
};

const read = async (collection: CollectionReference): Promise<StoredDocument[]> => {
  const { docs } = await collection.get();
  return docs.map((snapshot) => ({ path: snapshot.ref.path, data: snapshot.data() }));
};
