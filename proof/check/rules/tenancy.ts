import { placeOf, type StoredDocument } from '../history.ts';
import type { Violation } from '../violation.ts';

/** C8: a document belongs to the org whose path it is under, and names no other, nor anything of another. */
export const foreignNames = (documents: readonly StoredDocument[], orgs: readonly string[]): Violation[] => {
  const ownerOf = new Map(documents.flatMap(({ path }) => entryOf(path)));
  return documents.flatMap(({ path, data }) => {
    const { org, task } = placeOf(path);
    const others = new Set(orgs.filter((each) => each !== org));
    const violation = (detail: string): Violation[] => [
      { invariant: 'C8', org, ...(task === undefined ? {} : { task }), detail: `${path} ${detail}` },
    ];
    const inItself = path.split('/').length === 2;
    return [
      ...(inItself || data['org'] === org ? [] : violation(`carries the org ${JSON.stringify(data['org'])}`)),
      ...[...stringsIn(data)].flatMap((text) =>
        others.has(text)
          ? violation(`names the org ${text}`)
          : taskIdsIn(text)
              .filter((id) => (ownerOf.get(id) ?? org) !== org)
              .flatMap((id) => violation(`names the task ${id} of ${ownerOf.get(id) ?? ''}`)),
      ),
    ];
  });
};

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
