// When an operation breaks its callers: what it takes, what it answers, and who may call it.
import { both, come, found, gone, nothing, pair, type Comparison, type Direction } from './changes.ts';
import { isTree } from '../../../../platform/json.ts';
import { child, members, resolvedChild, type Located } from './located.ts';
import type { Operation } from './operations.ts';

export const compareOperations = (before: Operation, after: Operation): Comparison =>
  both([
    compareParameters(before, after),
    compareBodies(before, after),
    compareResponses(before, after),
    compareSecurity(before, after),
  ]);

const compareParameters = (before: Operation, after: Operation): Comparison =>
  both([
    ...[...before.parameters].map(([key, was]) => {
      const now = after.parameters.get(key);
      if (!now) return found(gone('parameter-removed', was.at, `${before.name} no longer knows the parameter ${key}`));
      return both([isRequired(was) ? nothing : requiredNow(key, now, after), compareValue('request', was, now)]);
    }),
    ...[...after.parameters]
      .filter(([key]) => !before.parameters.has(key))
      .map(([key, now]) => requiredNow(key, now, after)),
  ]);

const isRequired = ({ node }: Located) => isTree(node) && node['required'] === true;

const requiredNow = (key: string, parameter: Located, { name }: Operation): Comparison =>
  isRequired(parameter)
    ? found(come('parameter-required', parameter.at, `${name} needs the parameter ${key}`))
    : nothing;

/** A parameter or header says its schema itself or by media type. */
const compareValue = (direction: Direction, was: Located, now: Located): Comparison =>
  both([pair(direction, child(was, 'schema'), child(now, 'schema')), compareContent(direction, was, now)]);

const compareBodies = (before: Operation, after: Operation): Comparison => {
  const was = resolvedChild(before.located, 'requestBody');
  const now = resolvedChild(after.located, 'requestBody');
  if (was && !now) return found(gone('body-removed', was.at, `${before.name} no longer takes a body`));
  if (!now) return nothing;
  const stricter = isRequired(now) && !(was && isRequired(was));
  return both([
    stricter ? found(come('body-required', now.at, `${after.name} needs a body`)) : nothing,
    was ? compareContent('request', was, now) : nothing,
  ]);
};

const compareContent = (direction: Direction, was: Located, now: Located): Comparison => {
  const content = child(now, 'content');
  return both(
    members(child(was, 'content')).map(([type, before]) => {
      const after = content && child(content, type);
      if (!after) return found(gone('media-type-removed', before.at, `${type} is gone from a ${direction}`));
      return pair(direction, child(before, 'schema'), child(after, 'schema'));
    }),
  );
};

const compareResponses = (before: Operation, after: Operation): Comparison => {
  const responses = child(after.located, 'responses');
  return both(
    members(child(before.located, 'responses')).map(([status, { at }]) => {
      const was = resolvedChild(child(before.located, 'responses') ?? before.located, status);
      const now = responses && (resolvedChild(responses, status) ?? resolvedChild(responses, rangeOf(status)));
      if (was && now) return both([compareContent('response', was, now), compareHeaders(was, now)]);
      if (now || !isSuccess(status)) return nothing;
      return found(gone('status-removed', at, `${before.name} no longer answers ${status}`));
    }),
  );
};

const isSuccess = (status: string) => status.startsWith('2');
const rangeOf = (status: string) => `${status.charAt(0)}XX`;

const compareHeaders = (was: Located, now: Located): Comparison => {
  const headers = new Map(members(child(now, 'headers')).map(([name, header]) => [name.toLowerCase(), header]));
  return both(
    members(child(was, 'headers')).map(([name, before]) => {
      const after = headers.get(name.toLowerCase());
      if (!after) return found(gone('header-removed', before.at, `the header ${name} of a response is gone`));
      return compareValue('response', before, after);
    }),
  );
};

type Security = Operation['security'];

const isWithin = (asked: ReadonlySet<string>, had: ReadonlySet<string>): boolean => {
  for (const scheme of asked) if (!had.has(scheme)) return false;
  return true;
};

/** What a document says for all of its operations is compared once. */
const compared = new WeakMap<Security, WeakMap<Security, boolean>>();

const isStricter = (before: Security, after: Security): boolean => {
  const known = compared.get(before) ?? new WeakMap<Security, boolean>();
  compared.set(before, known);
  const stricter = known.get(after) ?? before.some((had) => !after.some((asked) => isWithin(asked, had)));
  known.set(after, stricter);
  return stricter;
};

/** Whoever could call before must be able to: one of the new alternatives asks for no more than what they had. */
const compareSecurity = (before: Operation, after: Operation): Comparison => {
  if (!isStricter(before.security, after.security)) return nothing;
  const place = child(after.located, 'security') ?? after.located;
  return found(come('auth-stricter', place.at, `${after.name} asks callers for more than before`));
};
