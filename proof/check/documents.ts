// Reads everything that is stored for an org, at whatever depth and whatever the collections are called.
import { FieldPath, type Firestore } from 'firebase-admin/firestore';
import type { StoredDocument } from './history.ts';

/** All documents of the org, with its own. Also finds what lies below a document that is not there. */
export const readDocuments = async (database: Firestore, org: string): Promise<StoredDocument[]> => {
  const path = `orgs/${org}`;
  // A group without a name is all collections. Nothing sorts between a path with NUL at its end and what is below the path.
  const all = database.collectionGroup('').orderBy(FieldPath.documentId());
  const { docs } = await all.startAt(path).endBefore(`${path}\u0000`).get();
  return docs.map((snapshot) => ({ path: snapshot.ref.path, data: snapshot.data() }));
};

/** The orgs under which anything is stored. */
export const readOrgs = async (database: Firestore): Promise<string[]> =>
  (await database.collection('orgs').listDocuments()).map(({ id }) => id);
