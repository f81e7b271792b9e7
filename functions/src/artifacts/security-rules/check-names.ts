// Resolves the names of an expression: innermost scope first, then the language's own.
import type { Expression, Problem, RulesFunction } from './syntax-tree.ts';

/** What one scope declares. */
export interface Names {
  readonly variables: ReadonlySet<string>;
  readonly functions: ReadonlyMap<string, RulesFunction>;
  readonly outer?: Names;
}

const builtIns = new Set('get getAfter exists existsAfter debug int float string path vector'.split(' '));

export interface NameCheck {
  readonly problems: readonly Problem[];
  /** The functions of the file that the expression calls. */
  readonly called: readonly RulesFunction[];
}

/** Checks that every variable and function of the expression is declared and every call has the arguments it needs. */
export const checkNames = (expression: Expression, names: Names): NameCheck => {
  const problems: Problem[] = [];
  const called: RulesFunction[] = [];
  const visit = (part: Expression) => {
    if (part.kind === 'variable' && !hasVariable(part.name, names)) {
      problems.push({ message: `Unknown variable '${part.name}'.`, at: part.at });
    }
    if (part.kind === 'call' && part.package === null) {
      const target = findFunction(part.name, names);
      if (target) called.push(target);
      const problem = checkCall(part, target);
      if (problem) problems.push(problem);
    }
    if ('parts' in part) part.parts.forEach(visit);
  };
  visit(expression);
  return { problems, called };
};

const hasVariable = (name: string, names: Names): boolean => {
  for (let scope: Names | undefined = names; scope; scope = scope.outer) if (scope.variables.has(name)) return true;
  return false;
};

const findFunction = (name: string, names: Names): RulesFunction | undefined => {
  for (let scope: Names | undefined = names; scope; scope = scope.outer) {
    const found = scope.functions.get(name);
    if (found) return found;
  }
  return undefined;
};

const checkCall = (call: Expression & { kind: 'call' }, target: RulesFunction | undefined): Problem | null => {
  const { name, parts, at } = call;
  if (!target) return builtIns.has(name) ? null : { message: `Unknown function '${name}'.`, at };
  const wanted = target.parameters.length;
  return parts.length === wanted ? null : { message: `'${name}' takes ${wanted} arguments, not ${parts.length}.`, at };
};
