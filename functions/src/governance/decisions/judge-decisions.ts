// Who decides: the team, or the main coordinator.
//
// D1. Every decision that a specialist states is judged, once: it is free, or it needs approval.
// D2. What the facts show needs approval, whether or not the specialist stated it.
// D3. A wording alone stops nothing: a decision that no fact shows is free, whatever its kind is called. Those that would be the main
//     coordinator's are reported as `unshown`.
import { apiDeprecations } from './api-deprecations.ts';
import { describeIncrease, type MonthlyCost } from './cost-increase.ts';
import { retentionChanges } from './retention-changes.ts';
import { rulesChanges, type DeclaredRules } from './rules-change.ts';
import { schemaMigrations } from './schema-migrations.ts';
import { decisionKinds, type DataModel, type Decision, type DecisionKind, type NeedingApproval } from './schemas.ts';
import { newThirdParties, type ThirdParties } from './third-parties.ts';
import { cutText } from '../../platform/cut-text.ts';

/** The designs that a task or org has at one moment, as far as they are known. */
export interface Designs extends ThirdParties {
  /** A parsed document. */
  readonly openapi?: unknown;
  readonly firestoreSchema?: DataModel;
  readonly securityRules?: string;
  readonly declaredRules?: DeclaredRules;
}

/** What can be known about the decisions without asking who takes them. */
export interface DecisionContext {
  readonly monthlyCost?: MonthlyCost;
  /** The designs that were accepted last; left out: nothing was. */
  readonly previous?: Designs;
  readonly current?: Designs;
}

export interface Judgement {
  readonly free: readonly Decision[];
  /** Of the free ones, those of a kind that is the main coordinator's. */
  readonly unshown: readonly Decision[];
  readonly needing: readonly NeedingApproval[];
}

/** Sorts the decisions of a specialist, and adds those that the facts show and nobody stated. */
export const judgeDecisions = (decisions: readonly Decision[], context: DecisionContext): Judgement => {
  const stated = new Set(decisions.map(({ kind }) => kind));
  const facts = factsOf(context, stated);
  const shown = decisions.flatMap((decision) => {
    const why = facts.get(decision.kind);
    return why === undefined ? [] : [{ decision, why }];
  });
  const free = decisions.filter(({ kind }) => !facts.has(kind));
  const unstated = [...facts].filter(([kind]) => !stated.has(kind));
  return {
    free,
    unshown: free.filter(({ kind }) => isKnown(kind) && decisionKinds[kind].authority === 'main-coordinator'),
    needing: [...shown, ...unstated.map(([kind, why]) => ({ decision: derived(kind, why), why }))],
  };
};

type Facts = ReadonlyMap<string, string>;

const isKnown = (kind: string): kind is DecisionKind => Object.hasOwn(decisionKinds, kind);

const factsOf = ({ monthlyCost, previous = {}, current = {} }: DecisionContext, stated: ReadonlySet<string>): Facts => {
  const facts: Readonly<Partial<Record<DecisionKind, string | undefined>>> = {
    'third-party-integration': listed(
      newThirdParties(previous, current, stated.has('third-party-integration')).map((each) => `new: ${each}`),
    ),
    'cost-increase': monthlyCost && describeIncrease(monthlyCost),
    'api-deprecation': listed(deprecationsIn(previous, current)),
    'schema-migration': listed(changesOfModel(schemaMigrations, previous, current)),
    'data-retention-change': listed(changesOfModel(retentionChanges, previous, current)),
    'security-policy-change': listed(rulesChangesIn(previous, current)),
  };
  return new Map(Object.entries(facts).flatMap(([kind, why]) => (why === undefined ? [] : [[kind, why]])));
};

const deprecationsIn = (previous: Designs, current: Designs): string[] =>
  current.openapi === undefined ? [] : apiDeprecations(previous.openapi, current.openapi);

const changesOfModel = (
  changes: (previous: DataModel, current: DataModel) => string[],
  { firestoreSchema: previous }: Designs,
  { firestoreSchema: current }: Designs,
): string[] => (previous && current ? changes(previous, current) : []);

const rulesChangesIn = ({ declaredRules: previous }: Designs, { declaredRules: current }: Designs): string[] =>
  previous && current ? rulesChanges(previous, current) : [];

const maxListed = 10;
const maxListLength = 1_000;

/** One sentence for several findings; none for none. */
const listed = (findings: readonly string[]): string | undefined => {
  if (findings.length === 0) return undefined;
  const rest = findings.length - maxListed;
  const shown = cutText(findings.slice(0, maxListed).join('; '), maxListLength);
  return `${shown}${rest > 0 ? `; and ${rest} more` : ''}.`;
};

const derived = (kind: string, why: string): Decision => ({
  kind,
  summary: `${isKnown(kind) ? decisionKinds[kind].title : kind}: not stated by the specialist, but seen in the work.`,
  rationale: why,
});
