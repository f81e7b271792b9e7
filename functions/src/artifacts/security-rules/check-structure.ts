// What a well-formed rules file may still get wrong in its structure: names that nothing declares, limits of the platform,
// a wildcard where none may stand. The platform's compiler refuses most of these and lets every request that meets the rest fail.
import { checkCalls, type CallGraph } from './check-calls.ts';
import { checkNames, type Names } from './check-names.ts';
import type {
  Allow,
  Match,
  Named,
  PathTemplate,
  Problem,
  RulesFunction,
  Ruleset,
  Scope,
  Service,
} from './syntax-tree.ts';

const methods = new Set(['read', 'write', 'get', 'list', 'create', 'update', 'delete']);
const maxParameters = 7;
const maxBindings = 10;
// With those around it. The database has no document with a longer name, and every statement is told by its path.
const maxPathLength = 1_500;

/** Every structural problem of the ruleset. */
export const checkStructure = (ruleset: Ruleset): Problem[] => {
  const calls: CallGraph = new Map();
  const old = ruleset.version === null || ruleset.version.name === '1';
  const top: Names = { variables: new Set(['request', 'resource']), functions: byName(ruleset.functions) };
  return [
    ...checkHeader(ruleset),
    ...ruleset.functions.flatMap((declared) => checkFunction(declared, top, calls)),
    ...repeated(ruleset.functions, 'function'),
    ...ruleset.services.flatMap((service) =>
      checkScope(service, { outer: top, captures: [], pathLength: 0, old, calls }),
    ),
    ...checkCalls(calls),
  ];
};

const checkHeader = ({ version, services }: Ruleset): Problem[] => [
  ...(version && !version.supported
    ? [{ message: `There is no rules_version '${version.name}', use '2'.`, at: version.at }]
    : []),
  ...(services.length === 0 ? [{ message: 'A rules file needs service cloud.firestore.', at: 0 }] : []),
  ...repeated(services, 'service'),
  ...services.flatMap(checkService),
];

const checkService = ({ name, at }: Service): Problem[] =>
  name === 'cloud.firestore' ? [] : [{ message: `Unknown service '${name}', expected cloud.firestore.`, at }];

interface Surroundings {
  readonly outer: Names;
  readonly captures: readonly Named[];
  /** Of the paths of the matches around, in UTF-16 units. */
  readonly pathLength: number;
  /** Version 1 of the language has no `{name=**}` before the end of a path. */
  readonly old: boolean;
  readonly calls: CallGraph;
}

const checkScope = (scope: Scope, { outer, captures, pathLength, old, calls }: Surroundings): Problem[] => {
  const names: Names = {
    variables: new Set(captures.map(({ name }) => name)),
    functions: byName(scope.functions),
    outer,
  };
  return [
    ...repeated(scope.functions, 'function'),
    ...scope.functions.flatMap((declared) => checkFunction(declared, names, calls)),
    ...scope.matches.flatMap((match) => checkMatch(match, { outer: names, pathLength, old, calls })),
    ...('allows' in scope ? (scope as Match).allows.flatMap((allow) => checkAllow(allow, names)) : []),
  ];
};

const checkMatch = ({ path, ...scope }: Match, surroundings: Omit<Surroundings, 'captures'>): Problem[] => {
  const pathLength = surroundings.pathLength + path.text.length;
  // What is in such a match would be told of a thousand times over.
  if (pathLength > maxPathLength) return [{ message: `A path longer than ${maxPathLength} characters.`, at: path.at }];
  return [
    ...checkPath(path, surroundings.old),
    ...checkScope(scope, { ...surroundings, pathLength, captures: path.captures }),
  ];
};

const checkPath = ({ captures, segments, at }: PathTemplate, old: boolean): Problem[] => {
  const rests = captures.filter(({ rest }) => rest);
  const misplaced = old ? rests.filter(({ segment }) => segment !== segments - 1) : [];
  return [
    ...repeated(captures, 'capture'),
    ...(rests.length > 1 ? [{ message: 'A path may have one {name=**} only.', at }] : []),
    ...misplaced.map((capture) => ({
      message: `{${capture.name}=**} must be the last segment; only rules_version '2' allows it elsewhere.`,
      at: capture.at,
    })),
  ];
};

const checkAllow = ({ methods: allowed, condition }: Allow, names: Names): Problem[] => [
  ...allowed
    .filter(({ name }) => !methods.has(name))
    .map(({ name, at }) => ({ message: `Unknown method '${name}', expected one of ${[...methods].join(', ')}.`, at })),
  ...(condition ? checkNames(condition, names).problems : []),
];

const checkFunction = (declared: RulesFunction, outer: Names, calls: CallGraph): Problem[] => {
  const { name, parameters, bindings, result, at } = declared;
  const problems = [...repeated([...parameters, ...bindings], 'variable')];
  if (parameters.length > maxParameters) {
    problems.push({ message: `Function '${name}' has more than ${maxParameters} parameters.`, at });
  }
  if (bindings.length > maxBindings) {
    problems.push({ message: `Function '${name}' has more than ${maxBindings} let bindings.`, at });
  }
  const variables = new Set(parameters.map((parameter) => parameter.name));
  const names: Names = { variables, functions: new Map(), outer };
  const called: RulesFunction[] = [];
  for (const { name: bound, value } of [...bindings, { name: '', value: result }]) {
    const found = checkNames(value, names);
    for (const problem of found.problems) problems.push(problem);
    for (const target of found.called) called.push(target);
    variables.add(bound);
  }
  calls.set(declared, called);
  return problems;
};

const byName = (functions: readonly RulesFunction[]) => new Map(functions.map((declared) => [declared.name, declared]));

const repeated = (named: readonly Named[], what: string): Problem[] => {
  const seen = new Set<string>();
  return named.flatMap(({ name, at }) => {
    if (seen.has(name)) return [{ message: `The ${what} '${name}' is declared twice.`, at }];
    seen.add(name);
    return [];
  });
};
