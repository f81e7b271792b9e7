import type { Problem, RulesFunction } from './syntax-tree.ts';

/** For each function of the file, those that it calls. */
export type CallGraph = Map<RulesFunction, readonly RulesFunction[]>;

/** Functions may not call themselves, not even through others: one problem for each that can reach a cycle of calls. */
export const checkCalls = (calls: CallGraph): Problem[] => {
  const callers = new Map<RulesFunction, RulesFunction[]>();
  const open = new Map<RulesFunction, number>();
  for (const [caller, called] of calls) {
    open.set(caller, called.length);
    for (const target of called) addTo(callers, target, caller);
  }
  // Functions whose calls all end are taken away until only those remain that never do.
  const ending = [...open.keys()].filter((candidate) => open.get(candidate) === 0);
  for (let ended = ending.pop(); ended; ended = ending.pop()) {
    open.delete(ended);
    for (const caller of callers.get(ended) ?? []) {
      const left = (open.get(caller) ?? 0) - 1;
      open.set(caller, left);
      if (left === 0) ending.push(caller);
    }
  }
  return [...open.keys()].map(({ name, at }) => ({ message: `Function '${name}' ends up calling itself.`, at }));
};

const addTo = (callers: Map<RulesFunction, RulesFunction[]>, target: RulesFunction, caller: RulesFunction) => {
  const known = callers.get(target);
  if (known) known.push(caller);
  else callers.set(target, [caller]);
};
