// How large a value is in the database, which JSON's own size does not tell: a digit is a number of eight bytes there. Pure.
// https://firebase.google.com/docs/firestore/storage-size
import { isTree } from './json.ts';

const mapBytes = 32;
const numberBytes = 8;

/**
 * Bytes of a value as Firestore counts them towards the 1 MiB of a document: of what JSON can carry exactly, and of what else a record
 * may hold, such as a time, roughly.
 */
export const storedBytes = (value: unknown): number => {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number' || typeof value === 'bigint') return numberBytes;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return sum(value.map(storedBytes));
  if (!isTree(value)) return 1;
  return mapBytes + sum(Object.entries(value).map(([name, field]) => textBytes(name) + storedBytes(field)));
};

const textBytes = (text: string): number => Buffer.byteLength(text) + 1;

const sum = (sizes: readonly number[]): number => sizes.reduce((total, each) => total + each, 0);
