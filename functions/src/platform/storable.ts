// What the database can hold as text and as the name of a field: https://firebase.google.com/docs/firestore/quotas. Pure.
import type { FieldError } from './errors.ts';
import { pointerTo } from './field-errors.ts';

/** As many as tell what is wrong; input that is wrong everywhere has as many as it has characters. */
const maxFound = 100;
const maxNameBytes = 1_500;
const reserved = /^__.*__$/s;

/** Why the text cannot be stored and read back; undefined when it can. */
const textFault = (text: string): string | undefined => {
  if (!text.isWellFormed()) return 'must not contain half of a surrogate pair: the text was cut within a character';
  return text.includes('\0') ? 'must not contain the character NUL' : undefined;
};

export const isStorableText = (text: string): boolean => textFault(text) === undefined;

const nameFault = (name: string): string | undefined => {
  if (name === '') return 'must have a name';
  if (reserved.test(name)) return 'must not have a name that begins and ends with two underscores';
  if (Buffer.byteLength(name) > maxNameBytes) return `must have a name of at most ${maxNameBytes} bytes`;
  return textFault(name);
};

interface Place {
  readonly value: unknown;
  /** Within `parent`; undefined for the whole. */
  readonly name?: string;
  readonly parent?: Place;
}

const pathOf = (place: Place): string[] => {
  const path: string[] = [];
  for (let at: Place | undefined = place; at?.name !== undefined; at = at.parent) path.push(at.name);
  return path.reverse();
};

const within = (parent: Place): Place[] =>
  typeof parent.value === 'object' && parent.value !== null
    ? Object.entries<unknown>({ ...parent.value }).map(([name, value]) => ({ name, value, parent }))
    : [];

const faultsAt = ({ name, value, parent }: Place): string[] =>
  [
    name === undefined || Array.isArray(parent?.value) ? undefined : nameFault(name),
    typeof value === 'string' ? textFault(value) : undefined,
  ].filter((fault) => fault !== undefined);

/** Each text and each name of a field, at any depth of parsed JSON, that the database would refuse; a hundred at most. */
export const findUnstorable = (input: unknown): FieldError[] => {
  const found: FieldError[] = [];
  // A list instead of recursion: JSON may be nested deeper than the stack is.
  const open: Place[] = [{ value: input }];
  for (let place = open.pop(); place && found.length < maxFound; place = open.pop()) {
    for (const detail of faultsAt(place)) found.push({ pointer: pointerTo(pathOf(place)), detail });
    for (const next of within(place).reverse()) open.push(next);
  }
  return found;
};

/** The entries whose names the database can hold. */
export const withStorableNames = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => nameFault(name) === undefined));
