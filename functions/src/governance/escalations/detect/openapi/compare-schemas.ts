// When a schema breaks those who rely on it. What callers send must still be accepted, what they receive must still be what it was.
//
// B1. In a request, whatever was accepted before must be accepted: nothing narrower, nothing newly required.
// B2. In a response, whatever was promised before must come: nothing missing, nothing of another type. Readers ignore what they do not
//     know, so new fields, enum values and status codes are no break; a new *type* in a known place is.
// B3. A field or parameter that is taken away is a break in both directions: callers who used it get something else.
import {
  both,
  come,
  found,
  foundAll,
  gone,
  nothing,
  pair,
  type BreakingChange,
  type Comparison,
  type Direction,
  type Pair,
} from './changes.ts';
import { jsonOf, referenceOf, type Located } from './located.ts';
import { isFlagged, lowerBounds, shapeReader, upperBounds, type Atom, type Bound, type Shape } from './shape.ts';

const maxListed = 20;

// A document of a mebibyte has fewer; this ends what aliases and references multiply.
const maxPairs = 20_000;

/** Every break between the pairs and all that they lead to. A loop that takes each pair once: schemas may contain themselves. */
export const compareSchemas = (start: readonly Pair[]): BreakingChange[] => {
  const changes: BreakingChange[] = [];
  const waiting = [...start];
  const seen = new Set<string>();
  const shapeBefore = shapeReader();
  const shapeAfter = shapeReader();
  for (let next = waiting.pop(); next && seen.size < maxPairs; next = waiting.pop()) {
    const before = shapeBefore(next.before);
    const after = shapeAfter(next.after);
    const key = `${next.direction} ${before.at} ${after.at}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const result = compareShapes(next.direction, before, after);
    for (const change of result.changes) changes.push(change);
    for (const pair of result.pairs) waiting.push(pair);
  }
  return changes;
};

const compareShapes = (direction: Direction, before: Shape, after: Shape): Comparison => {
  const retyped = compareTypes(direction, before, after);
  const inCommon = [...before.types].some((atom) => after.types.has(atom));
  // Nothing within can be compared when no value fits both.
  if (!inCommon) return found(...retyped);
  return both([
    found(...retyped, ...compareFormats(direction, before, after)),
    ...(direction === 'request' ? [compareAccepted(before, after)] : []),
    compareProperties(direction, before, after),
    pair(direction, before.items, after.items),
    pair(direction, before.additional, after.additional),
    compareVariants(direction, before, after),
  ]);
};

const typeNames = (types: ReadonlySet<Atom>): string => {
  const names = [...types].filter((atom) => atom !== 'fraction' && !(atom === 'integer' && types.has('fraction')));
  return [...names, ...(types.has('fraction') ? ['number'] : [])].sort().join(' or ') || 'nothing';
};

const isWithin = (part: ReadonlySet<Atom>, all: ReadonlySet<Atom>) => [...part].every((atom) => all.has(atom));

const compareTypes = (direction: Direction, before: Shape, after: Shape): BreakingChange[] => {
  const holds = direction === 'request' ? isWithin(before.types, after.types) : isWithin(after.types, before.types);
  if (holds) return [];
  return [
    come('type-changed', after.at, `${typeNames(before.types)} became ${typeNames(after.types)} in a ${direction}`),
  ];
};

const compareFormats = (direction: Direction, before: Shape, after: Shape): BreakingChange[] => {
  if (before.format === after.format) return [];
  const stillHolds = direction === 'request' ? after.format === null : before.format === null;
  if (stillHolds) return [];
  const detail = `format ${before.format ?? 'any'} became ${after.format ?? 'any'} in a ${direction}`;
  return [come('format-changed', after.at, detail)];
};

/** What only a request can break: limits on values (B1). */
const compareAccepted = (before: Shape, after: Shape): Comparison =>
  found(
    ...compareValues(before, after),
    ...compareBounds(before, after),
    ...comparePatterns(before, after),
    ...compareClosed(before, after),
  );

const compareValues = (before: Shape, after: Shape): BreakingChange[] => {
  const { values } = after;
  if (values === null) return [];
  if (before.values === null) return [come('enum-narrowed', after.at, 'any value became a list of values')];
  const lost = [...before.values].filter((value) => !values.has(value));
  return lost.length === 0
    ? []
    : [
        gone(
          'enum-narrowed',
          before.at,
          `no longer accepted: ${lost.slice(0, maxListed).join(', ')}${lost.length > maxListed ? ' and others' : ''}`,
        ),
      ];
};

const compareBounds = (before: Shape, after: Shape): BreakingChange[] => {
  const stricter = (bound: Bound, isStricter: (now: number, was: number | undefined) => boolean) => {
    const now = after.bounds.get(bound);
    const was = before.bounds.get(bound);
    if (now === undefined || !isStricter(now, was)) return [];
    return [come('constraint-stricter', after.at, `${bound} ${was ?? 'none'} became ${now}`)];
  };
  return [
    ...upperBounds.flatMap((bound) => stricter(bound, (now, was = Infinity) => now < was)),
    ...lowerBounds.flatMap((bound) =>
      stricter(bound, (now, was = bound.startsWith('min') && bound !== 'minimum' ? 0 : -Infinity) => now > was),
    ),
  ];
};

const comparePatterns = (before: Shape, after: Shape): BreakingChange[] =>
  after.pattern === null || after.pattern === before.pattern
    ? []
    : [come('constraint-stricter', after.at, `pattern ${before.pattern ?? 'none'} became ${after.pattern}`)];

const compareClosed = (before: Shape, after: Shape): BreakingChange[] =>
  after.closed && !before.closed
    ? [come('fields-closed', after.at, 'fields that are not listed are no longer accepted')]
    : [];

const compareProperties = (direction: Direction, before: Shape, after: Shape): Comparison => {
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly';
  const counts = (property: Located) => !isFlagged(property, hidden);
  const kept = [...before.properties].filter(([, property]) => counts(property));
  return both([
    ...kept.map(([name, property]) => {
      const same = after.properties.get(name);
      if (same) return pair(direction, property, same);
      return found(gone('field-removed', property.at, `field ${name} of a ${direction} is gone`));
    }),
    direction === 'request' ? newlyRequired(before, after, counts) : noLongerPromised(before, after, counts),
  ]);
};

const newlyRequired = (before: Shape, after: Shape, counts: (property: Located) => boolean): Comparison =>
  foundAll(
    [...after.required]
      .filter((name) => !before.required.has(name))
      .filter((name) => isCounted(after.properties.get(name), counts))
      .map((name) => {
        const at = after.properties.get(name)?.at ?? after.at;
        return come('field-required', at, `field ${name} of a request is required now`);
      }),
  );

const noLongerPromised = (before: Shape, after: Shape, counts: (property: Located) => boolean): Comparison =>
  foundAll(
    [...before.required]
      .filter((name) => !after.required.has(name) && after.properties.has(name))
      .filter((name) => isCounted(before.properties.get(name), counts))
      .map((name) => {
        const at = after.properties.get(name)?.at ?? after.at;
        return come('field-optional', at, `field ${name} of a response may be missing now`);
      }),
  );

const isCounted = (property: Located | undefined, counts: (property: Located) => boolean) =>
  property === undefined || counts(property);

/** Alternatives: none that was accepted may go from a request, none that was not there may come into a response. */
const compareVariants = (direction: Direction, before: Shape, after: Shape): Comparison => {
  if (before.variants.length === 0 || after.variants.length === 0) return nothing;
  const { matched, left, added } = matchVariants(before.variants, after.variants);
  const unmatched =
    direction === 'request'
      ? left.map(({ at }) => gone('variant-changed', at, 'an alternative of a request is gone'))
      : added.map(({ at }) => come('variant-changed', at, 'an alternative of a response is new'));
  return both([foundAll(unmatched), ...matched.map(([was, now]) => pair(direction, was, now))]);
};

/** Pairs alternatives: those that refer to the same name, then those that say the same, then the rest of the unnamed in order. */
const matchVariants = (before: readonly Located[], after: readonly Located[]) => {
  const same = matchBy(before, after, (variant) => referenceOf(variant) ?? jsonOf(variant));
  const rest = matchInOrder(same.left.filter(isUnnamed), same.added.filter(isUnnamed));
  return {
    matched: [...same.matched, ...rest.matched],
    left: [...same.left.filter((each) => !isUnnamed(each)), ...rest.left],
    added: [...same.added.filter((each) => !isUnnamed(each)), ...rest.added],
  };
};

const isUnnamed = (variant: Located) => referenceOf(variant) === undefined;

const matchBy = (before: readonly Located[], after: readonly Located[], keyOf: (variant: Located) => string) => {
  const waiting = new Map(after.map((variant) => [keyOf(variant), variant]));
  const matched: [Located, Located][] = [];
  const left = before.filter((was) => {
    const now = waiting.get(keyOf(was));
    if (now) matched.push([was, now]);
    return !now;
  });
  const taken = new Set(matched.map(([was]) => keyOf(was)));
  return { matched, left, added: after.filter((now) => !taken.has(keyOf(now))) };
};

const matchInOrder = (before: readonly Located[], after: readonly Located[]) => ({
  matched: before.slice(0, after.length).map((was, index): [Located, Located] => [was, after[index] ?? was]),
  left: before.slice(after.length),
  added: after.slice(before.length),
});
