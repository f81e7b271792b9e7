// Changes of how long data is kept, read off two versions of a data model: fields that say when a record is deleted.
import type { DataModel } from './schemas.ts';

const retention =
  /\b(ttl|time to live|retention|retain(ed|s)?|expir(es?|y|ed|ation)(At|s)?|purge(d|At)?|deleted? after|kept for)\b|(ttl|expires?At|purgeAt|deleteAfter)$/i;

/** Does the field say how long its record is kept? */
export const saysRetention = (name: string, type: string): boolean => retention.test(name) || retention.test(type);

/** In collections that both versions have: what is said of retention that was not said before, or no longer is. */
export const retentionChanges = (previous: DataModel, current: DataModel): string[] => {
  const after = new Map(current.collections.map(({ path, fields }) => [path, retentionOf(fields)]));
  return previous.collections.flatMap(({ path, fields }) => {
    const now = after.get(path);
    return now ? differences(path, retentionOf(fields), now) : [];
  });
};

type Fields = DataModel['collections'][number]['fields'];

const retentionOf = (fields: Fields): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields).filter(([name, type]) => saysRetention(name, type)));

const differences = (path: string, before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...now.keys()])].flatMap((name) => {
    const [old, changed] = [before.get(name), now.get(name)];
    if (old === changed) return [];
    if (old === undefined) return [`${path}: records are kept as ${name} says: ${changed ?? ''}`];
    if (changed === undefined) return [`${path}: ${name} no longer says how long records are kept`];
    return [`${path}: ${name} changes from ${old} to ${changed}`];
  });
