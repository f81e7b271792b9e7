// The structure of a rules file: version, functions, services, matches, allows.
import { Cursor } from './cursor.ts';
import { parseName } from './names.ts';
import { parseExpression } from './parse-expression.ts';
import { parsePath } from './parse-path.ts';
import type { Allow, Match, Named, RulesFunction, Ruleset, Service } from './syntax-tree.ts';

/** Parses a rules file. Throws RulesSyntaxError at the first place that is not of the language. */
export const parseRuleset = (source: string): Ruleset => {
  const cursor = new Cursor(source);
  const version = parseVersion(cursor);
  const functions: RulesFunction[] = [];
  const services: Service[] = [];
  while (cursor.next.kind !== 'end') {
    if (cursor.is('function')) functions.push(parseFunction(cursor));
    else if (cursor.is('service')) services.push(parseService(cursor));
    else cursor.fail("Expected 'service' or 'function'");
  }
  return { version, functions, services };
};

const parseVersion = (cursor: Cursor): Ruleset['version'] => {
  if (!cursor.tryTake('rules_version')) return null;
  cursor.expect('=');
  const { kind, text, at } = cursor.next;
  if (kind !== 'string') return cursor.fail("Expected a version in quotes, such as '2'");
  cursor.take();
  cursor.tryTake(';');
  const name = text.slice(1, -1);
  return { name, at, supported: name === '1' || name === '2' };
};

const parseService = (cursor: Cursor): Service => {
  cursor.expect('service');
  const at = cursor.next.at;
  const name = parseServiceName(cursor);
  const functions: RulesFunction[] = [];
  const matches: Match[] = [];
  parseBody(cursor, () => {
    if (cursor.is('function')) functions.push(parseFunction(cursor));
    else if (cursor.is('match')) matches.push(parseMatch(cursor));
    else cursor.fail("Expected 'match' or 'function'");
  });
  return { name, at, functions, matches };
};

const parseServiceName = (cursor: Cursor): string => {
  const first = parseName(cursor, 'a service');
  let name = first.name;
  while (cursor.is('.') && cursor.next.at === first.at + name.length) {
    cursor.take();
    name += `.${parseName(cursor, 'a service').name}`;
  }
  return name;
};

const parseMatch = (cursor: Cursor): Match =>
  cursor.nested(() => {
    cursor.expect('match');
    const path = parsePath(cursor);
    const functions: RulesFunction[] = [];
    const matches: Match[] = [];
    const allows: Allow[] = [];
    parseBody(cursor, () => {
      if (cursor.is('allow')) allows.push(parseAllow(cursor));
      else if (cursor.is('match')) matches.push(parseMatch(cursor));
      else if (cursor.is('function')) functions.push(parseFunction(cursor));
      else cursor.fail("Expected 'allow', 'match' or 'function'");
    });
    return { path, functions, matches, allows };
  });

const parseBody = (cursor: Cursor, parseDeclaration: () => void) => {
  cursor.expect('{');
  do parseDeclaration();
  while (!cursor.is('}') && cursor.next.kind !== 'end');
  cursor.expect('}');
};

const parseAllow = (cursor: Cursor): Allow => {
  const { at } = cursor.expect('allow');
  const methods = [parseName(cursor, 'a method')];
  while (cursor.tryTake(',')) methods.push(parseName(cursor, 'a method'));
  let condition: Allow['condition'] = null;
  let text = '';
  if (cursor.tryTake(':')) {
    cursor.expect('if');
    const start = cursor.next.at;
    condition = parseExpression(cursor);
    text = cursor.textSince(start);
  }
  cursor.tryTake(';');
  return { methods, condition, text, at };
};

const parseFunction = (cursor: Cursor): RulesFunction => {
  cursor.expect('function');
  const { name, at } = parseName(cursor, 'a function');
  const parameters = parseParameters(cursor);
  cursor.expect('{');
  const bindings: RulesFunction['bindings'][number][] = [];
  while (cursor.is('let')) bindings.push(parseBinding(cursor));
  if (!cursor.tryTake('return')) cursor.fail("Expected 'let' or 'return'");
  const result = parseExpression(cursor);
  cursor.tryTake(';');
  const text = cursor.textSince(at);
  cursor.expect('}');
  return { name, at, parameters, bindings, result, text };
};

const parseParameters = (cursor: Cursor): Named[] => {
  const parameters: Named[] = [];
  cursor.expect('(');
  if (!cursor.is(')')) {
    do parameters.push(parseName(cursor, 'a parameter'));
    while (cursor.tryTake(','));
  }
  cursor.expect(')');
  return parameters;
};

const parseBinding = (cursor: Cursor): RulesFunction['bindings'][number] => {
  cursor.expect('let');
  const name = parseName(cursor, 'a variable');
  cursor.expect('=');
  const value = parseExpression(cursor);
  cursor.expect(';');
  return { ...name, value };
};
