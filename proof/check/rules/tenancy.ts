import { placeOf, type StoredDocument } from '../history.ts';
import type { Violation } from '../violation.ts';

/**
 * C8: a document belongs to the org whose path it is under, and names no other, nor a task of another. `orgs` are the names to look
 * for; a task of an org whose documents are not here is told by not being the org's own.
 */
export const foreignNames = (documents: readonly StoredDocument[], orgs: readonly string[]): Violation[] => {
  const known = new Set(orgs);
  const ownerOf = new Map(documents.flatMap(({ path }) => entryOf(path)));
  return documents.flatMap(({ path, data }) => {
    const { org, task } = placeOf(path);
    const violation = (detail: string): Violation[] => [
      { invariant: 'C8', org, ...(task === undefined ? {} : { task }), detail: `${path} ${detail}` },
    ];
    const inItself = path.split('/').length === 2;
    return [
      ...(inItself || data['org'] === org ? [] : violation(`carries the org ${JSON.stringify(data['org'])}`)),
      ...[...stringsIn(data)].flatMap((text) =>
        known.has(text) && text !== org
          ? violation(`names the org ${text}`)
          : taskIdsIn(text)
              .filter((id) => ownerOf.get(id) !== org)
              .flatMap((id) => violation(`names the task ${id} of ${ownerOf.get(id) ?? 'nobody here'}`)),
      ),
    ];
  });
};

/** C8: what is stored lies under an org that somebody works in. */
export const strayOrgs = (found: readonly string[], expected: readonly string[]): Violation[] =>
  found
    .filter((org) => !expected.includes(org))
    .map((org) => ({ invariant: 'C8', org, detail: 'something is stored under it, and nobody works in it' }));

const entryOf = (path: string): [string, string][] => {
  const { org, task } = placeOf(path);
  return task === undefined ? [] : [[task, org]];
};

const taskIdsIn = (text: string): string[] => text.match(/tsk_[a-z0-9]{20}/g) ?? [];

const stringsIn = function* (value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const each of value) yield* stringsIn(each);
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* stringsIn(each);
};
