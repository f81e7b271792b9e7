// How large a value is in the database, which JSON's own size does not tell: a digit is a number of eight bytes there. Pure.
// https://firebase.google.com/docs/firestore/storage-size

const mapBytes = 32;
const numberBytes = 8;

/** Bytes of a value such as JSON can carry, as Firestore counts them towards the 1 MiB of a document. */
export const storedBytes = (value: unknown): number => {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return numberBytes;
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return sum(value.map(storedBytes));
  return mapBytes + sum(Object.entries(value).map(([name, field]) => textBytes(name) + storedBytes(field)));
};

const textBytes = (text: string): number => Buffer.byteLength(text) + 1;

const sum = (sizes: readonly number[]): number => sizes.reduce((total, each) => total + each, 0);
