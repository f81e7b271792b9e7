import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';

const text = z.string().trim().min(1);

// Firestore paths alternate collection and document ids, so the path of a collection has an odd number of segments.
const isCollectionPath = (path: string) => {
  const segments = path.replace(/^\//, '').split('/');
  return segments.length % 2 === 1 && segments.every((segment) => segment !== '');
};

/** The collections of a data model: a path such as `orgs/{org}/tasks`, each field's type, and the indexes it needs. */
export const firestoreSchema = z.strictObject({
  collections: boundedArray(
    z.strictObject({
      path: text
        .max(1_500)
        .refine(isCollectionPath, 'must lead to a collection: collection ids and document ids in turn'),
      fields: boundedRecord(z.string().min(1).max(1_500), text, 500),
      indexes: boundedArray(text, 200),
    }),
    500,
  ).min(1),
});

/** Metrics: `collections`, `indexes`. */
export const checkFirestoreSchema = jsonKind(firestoreSchema, ({ collections }) => ({
  metrics: {
    collections: collections.length,
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length, 0),
  },
}));
