// Who decides: we, or the main coordinator.
//
// D1. Every decision that a specialist states is judged, once: it is free or it needs approval.
// D2. A kind that we do not know needs approval.
// D3. What the facts show needs approval whether or not the specialist stated it.
// D4. A claimed cost increase that the figures refute is free: the threshold is computed, not claimed. No other claim can be
//     refuted, as what we see of a design is not all of it.
import { apiDeprecations } from './api-deprecations.ts';
import { describeIncrease, type MonthlyCost } from './cost-increase.ts';
import { rulesDiffer } from './rules-change.ts';
import { schemaMigrations } from './schema-migrations.ts';
import { decisionKinds, type DataModel, type Decision, type DecisionKind, type NeedingApproval } from './schemas.ts';

/** The designs that a task or org has at one moment, as far as they are known. */
export interface Designs {
  /** A parsed document. */
  readonly openapi?: unknown;
  readonly firestoreSchema?: DataModel;
  readonly securityRules?: string;
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
  readonly needing: readonly NeedingApproval[];
}

/** Sorts the decisions of a specialist, and adds those that the facts show and nobody stated. */
export const judgeDecisions = (decisions: readonly Decision[], context: DecisionContext): Judgement => {
  const facts = factsOf(context);
  const judged = decisions.map((decision) => ({ decision, why: whyNotOurs(decision, facts, context) }));
  const stated = new Set(decisions.map(({ kind }) => kind));
  const unstated = [...facts].filter(([kind]) => !stated.has(kind));
  return {
    free: judged.filter(({ why }) => why === undefined).map(({ decision }) => decision),
    needing: [
      ...judged.flatMap(({ decision, why }) => (why === undefined ? [] : [{ decision, why }])),
      ...unstated.map(([kind, why]) => ({ decision: derived(kind, why), why })),
    ],
  };
};

type Facts = ReadonlyMap<string, string>;

const whyNotOurs = ({ kind }: Decision, facts: Facts, { monthlyCost }: DecisionContext): string | undefined => {
  const fact = facts.get(kind);
  if (fact !== undefined) return fact;
  if (!isKnown(kind)) return `"${kind}" is no kind of decision that we may take.`;
  if (decisionKinds[kind].authority === 'coordinator') return undefined;
  if (kind === 'cost-increase' && monthlyCost !== undefined) return undefined;
  return `${decisionKinds[kind].title} are for the main coordinator to decide.`;
};

const isKnown = (kind: string): kind is DecisionKind => Object.hasOwn(decisionKinds, kind);

const factsOf = ({ monthlyCost, previous = {}, current = {} }: DecisionContext): Map<DecisionKind, string> => {
  const facts: [DecisionKind, string | undefined][] = [
    ['cost-increase', monthlyCost && describeIncrease(monthlyCost)],
    ['api-deprecation', listed(deprecationsIn(previous, current))],
    ['schema-migration', listed(migrationsIn(previous, current))],
    ['security-policy-change', changedRules(previous, current)],
  ];
  return new Map(facts.flatMap(([kind, why]) => (why === undefined ? [] : [[kind, why]])));
};

const deprecationsIn = (previous: Designs, current: Designs): string[] =>
  current.openapi === undefined ? [] : apiDeprecations(previous.openapi, current.openapi);

const migrationsIn = (previous: Designs, current: Designs): string[] =>
  previous.firestoreSchema && current.firestoreSchema
    ? schemaMigrations(previous.firestoreSchema, current.firestoreSchema)
    : [];

const changedRules = ({ securityRules: before }: Designs, { securityRules: after }: Designs): string | undefined =>
  before !== undefined && after !== undefined && rulesDiffer(before, after)
    ? 'The security rules differ from those that were accepted last.'
    : undefined;

const maxListed = 10;
const maxListLength = 1_000;

/** One sentence for several findings; none for none. */
const listed = (findings: readonly string[]): string | undefined => {
  if (findings.length === 0) return undefined;
  const rest = findings.length - maxListed;
  const shown = findings.slice(0, maxListed).join('; ').slice(0, maxListLength);
  return `${shown}${rest > 0 ? `; and ${rest} more` : ''}.`;
};

const derived = (kind: DecisionKind, why: string): Decision => ({
  kind,
  summary: `${decisionKinds[kind].title}: not stated by the specialist, but seen in the work.`,
  rationale: why,
});
