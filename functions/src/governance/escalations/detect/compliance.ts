// Whether data that needs care gets it: what the org's data classes require of every collection with a field of theirs. Pure.
import type { DataModel } from '../../decisions/schemas.ts';
import { holdsData } from '../../policy/data-classes.ts';
import type { DataClass, Safeguard } from '../../policy/schemas.ts';
import { rulesReader, type Coverage } from './rules-coverage.ts';
import { lazy } from '../../../platform/lazy.ts';

/** Something that a data class requires and a design does not give. */
export interface Gap {
  readonly dataClass: string;
  readonly path: string;
  readonly field: string;
  readonly safeguard: Safeguard;
  readonly detail: string;
}

export interface Design {
  readonly model: DataModel;
  /** Left out: there are none. */
  readonly rules?: string | undefined;
}

type Collection = DataModel['collections'][number];

/** Every gap, each collection and safeguard of a class once. */
export const complianceGaps = ({ model, rules }: Design, dataClasses: readonly DataClass[]): Gap[] => {
  const readRules = lazy(() => (rules === undefined ? undefined : rulesReader(rules)));
  return model.collections.flatMap((collection) => {
    const coverage = lazy(() => readRules()?.(collection.path));
    return dataClasses.flatMap((dataClass) => {
      const field = Object.keys(collection.fields).find((name) => holdsData(dataClass, name));
      if (field === undefined) return [];
      const { name, requires } = dataClass;
      return requires.flatMap((safeguard) =>
        faultsOf(safeguard, collection, coverage).map((detail) => ({
          dataClass: name,
          path: collection.path,
          field,
          safeguard,
          detail,
        })),
      );
    });
  });
};

const faultsOf = (safeguard: Safeguard, collection: Collection, coverage: () => Coverage | undefined): string[] => {
  if (safeguard === 'retention') return statesRetention(collection) ? [] : ['no field says when a record is deleted'];
  const found = coverage();
  if (!found) return ['there are no security rules'];
  const { covered, open } = found;
  if (!covered) return ['the security rules do not name it'];
  return open.map((methods) => `the security rules let anybody ${methods}`);
};

const expiry = /^(?:expires?|expiry|delete|deletion|purge|retain|retention)(?:At|On|Date|Time|Until|After)$/i;

/** Firestore deletes by a field with a time-to-live policy: one named for it, or whose type says so. */
const statesRetention = ({ fields }: Collection): boolean =>
  Object.entries(fields).some(([name, type]) => expiry.test(name) || /\b(?:ttl|time[- ]to[- ]live)\b/i.test(type));
