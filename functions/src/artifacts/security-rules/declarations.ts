// What a rules file declares, by what it is about: two files with the same declarations allow the same.
import { parseRuleset } from './parse-ruleset.ts';
import type { Match, RulesFunction, Scope } from './syntax-tree.ts';

/**
 * The conditions of each path and operation, and the text of each function by the scope that it stands in. Names of captures are part
 * of a condition and not of a path.
 */
export type RulesDeclarations = Readonly<Record<string, readonly string[]>>;

/** Throws RulesSyntaxError. */
export const rulesDeclarations = (source: string): RulesDeclarations => {
  const { functions, services } = parseRuleset(source);
  const declared: [string, string][] = [
    ...functions.map((each) => functionIn('', each)),
    ...services.flatMap((service) => declaredIn(service, service.name)),
  ];
  const byKey = Map.groupBy(declared, ([key]) => key);
  return Object.fromEntries([...byKey].map(([key, all]) => [key, all.map(([, text]) => text)]));
};

const declaredIn = ({ functions, matches }: Scope, scope: string): [string, string][] => [
  ...functions.map((each) => functionIn(scope, each)),
  ...matches.flatMap((match) => declaredBy(match, scope)),
];

const declaredBy = (match: Match, scope: string): [string, string][] => {
  const path = scope + match.path.text.replaceAll(/\{\s*\w+\s*(=\s*\*\*)?\s*\}/g, (_, rest) => (rest ? '{**}' : '{}'));
  const allowed = match.allows.flatMap(({ methods, text }) =>
    methods.flatMap(({ name }) => operationsOf(name).map((each): [string, string] => [`${path} ${each}`, text])),
  );
  return [...allowed, ...declaredIn(match, path)];
};

const functionIn = (scope: string, { name, text }: RulesFunction): [string, string] => [
  `function ${scope} ${name}`,
  text,
];

const groups: Readonly<Record<string, readonly string[]>> = {
  read: ['get', 'list'],
  write: ['create', 'update', 'delete'],
};

const operationsOf = (method: string): readonly string[] => groups[method] ?? [method];
