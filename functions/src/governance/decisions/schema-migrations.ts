// Database schema migrations, read off two versions of a data model: what stored records would no longer fit. New collections
// and new fields need no migration.
import { saysRetention } from './retention-changes.ts';
import type { DataModel } from './schemas.ts';

/** The collections and fields of `previous` that `current` drops, and the fields whose type it changes. */
export const schemaMigrations = (previous: DataModel, current: DataModel): string[] => {
  const after = new Map(current.collections.map(({ path, fields }) => [keyOf(path), fields]));
  return previous.collections.flatMap(({ path, fields }) => {
    const kept = after.get(keyOf(path));
    return kept ? fieldMigrations(path, fields, kept) : [`${path} is removed`];
  });
};

// The names in `orgs/{org}/tasks` are labels: what counts is the ids around them.
const keyOf = (path: string) => path.replace(/^\//, '').replaceAll(/\{[^{}]*\}/g, '{}');

type Fields = DataModel['collections'][number]['fields'];

const fieldMigrations = (path: string, before: Fields, after: Fields): string[] =>
  Object.entries(before).flatMap(([name, type]) => {
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    if (now === undefined) return [`${path}: ${name} is removed`];
    return isSameType(name, type, now) ? [] : [`${path}: ${name} changes from ${type} to ${now}`];
  });

/** How long a record is kept is a decision of its own, whatever words stand beside the type. */
const isSameType = (name: string, before: string, after: string): boolean =>
  saysRetention(name, `${before} ${after}`) ? firstWord(before) === firstWord(after) : words(before) === words(after);

const firstWord = (type: string) => /^\W*(\w+)/.exec(type)?.[1]?.toLowerCase();

const words = (type: string) => type.trim().replaceAll(/\s+/g, ' ');
