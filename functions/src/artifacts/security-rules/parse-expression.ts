// The expression grammar. An expression is operands with binary operators between them: which operator binds tighter makes
// no difference to whether the text is well formed, so they are read as one flat list, which also keeps a chain of a
// hundred thousand `&&` off the call stack.
import { RulesSyntaxError, type Cursor } from './cursor.ts';
import { isReserved, parseName } from './names.ts';
import { parsePath } from './parse-path.ts';
import type { Expression } from './syntax-tree.ts';

const binaryOperators = new Set('|| && in == != < <= > >= + - * / %'.split(' '));
const types = new Set(
  'bool bytes constraint duration float int latlng list vector set number map string timestamp path map_diff'.split(
    ' ',
  ),
);
const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const maxInteger = 2n ** 63n - 1n;

/** Parses an expression up to what cannot continue it. Throws RulesSyntaxError. */
export const parseExpression = (cursor: Cursor): Expression => cursor.nested(() => parseConditional(cursor));

const parseConditional = (cursor: Cursor): Expression => {
  const parts = [parseOperators(cursor)];
  while (cursor.tryTake('?')) {
    parts.push(parseExpression(cursor));
    cursor.expect(':');
    parts.push(parseOperators(cursor));
  }
  return join(parts);
};

const parseOperators = (cursor: Cursor): Expression => {
  const parts = [parseUnary(cursor)];
  for (;;) {
    if (cursor.tryTake('is')) parseType(cursor);
    else if (atBinaryOperator(cursor)) {
      cursor.take();
      parts.push(parseUnary(cursor));
    } else return join(parts);
  }
};

const atBinaryOperator = (cursor: Cursor): boolean => {
  const { kind, text, at } = cursor.next;
  if (kind !== 'symbol' && text !== 'in') return false;
  if (text === '++' || text === '--') throw new RulesSyntaxError(`The rules language has no '${text}'.`, at);
  if (text === '/' && cursor.nextTouchesSegment) {
    throw new RulesSyntaxError("Put a space after '/' to divide: without one it starts a path.", at);
  }
  return binaryOperators.has(text);
};

const parseType = (cursor: Cursor) => {
  const { text } = cursor.next;
  if (!types.has(text)) cursor.fail(`Expected one of ${[...types].join(', ')} after 'is'`);
  cursor.take();
};

const parseUnary = (cursor: Cursor): Expression => {
  const at = cursor.next.at;
  let negated = 0;
  while (cursor.tryTake('!')) negated += 1;
  if (cursor.tryTake('-')) negated += 1;
  const operand = parseMember(cursor);
  return negated === 0 ? operand : { kind: 'compound', parts: [operand], at };
};

const parseMember = (cursor: Cursor): Expression => {
  const parts = [parsePrimary(cursor)];
  for (;;) {
    if (cursor.tryTake('.')) parts.push(parseField(cursor));
    else if (cursor.tryTake('[')) parts.push(parseIndex(cursor));
    else return join(parts);
  }
};

// Two keywords cannot be fields: at `service` the platform's compiler reads on as if a service began.
const parseField = (cursor: Cursor): Expression => {
  const { kind, text, at } = cursor.next;
  if (kind !== 'word' || text === 'service' || text === 'rules_version')
    return cursor.fail("Expected a field or method after '.'");
  cursor.take();
  return { kind: 'compound', parts: !isReserved(text) && cursor.is('(') ? parseArguments(cursor) : [], at };
};

const parseIndex = (cursor: Cursor): Expression => {
  const { at } = cursor.next;
  const parts = cursor.is(':') ? [] : [parseExpression(cursor)];
  if (cursor.tryTake(':') && !cursor.is(']')) parts.push(parseExpression(cursor));
  cursor.expect(']');
  return { kind: 'compound', parts, at };
};

const parsePrimary = (cursor: Cursor): Expression => {
  const { kind, text, at } = cursor.next;
  switch (kind) {
    case 'number':
      return parseNumber(cursor);
    case 'string':
      cursor.take();
      return { kind: 'compound', parts: [], at };
    case 'word':
      return parseWord(cursor);
    case 'symbol':
    case 'end':
      return parseBracketed(cursor, text);
  }
};

const parseNumber = (cursor: Cursor): Expression => {
  const { text, at } = cursor.take();
  if (/^\d+$/.test(text) && (text.length > 19 || BigInt(text) > maxInteger)) {
    throw new RulesSyntaxError('A whole number beyond 64 bits.', at);
  }
  return { kind: 'compound', parts: [], at };
};

const parseWord = (cursor: Cursor): Expression => {
  const { text, at } = cursor.next;
  const constant = constants.get(text);
  if (constant !== undefined) {
    cursor.take();
    return { kind: 'constant', value: constant, at };
  }
  if (isReserved(text)) return cursor.fail('Expected an expression');
  const { name } = parseName(cursor, 'a variable');
  if (cursor.is('(')) return { kind: 'call', package: null, name, parts: parseArguments(cursor), at };
  return packages.has(name) ? parsePackageCall(cursor, name, at) : { kind: 'variable', name, at };
};

const packages = new Set(['math', 'duration', 'timestamp', 'hashing', 'latlng']);

const parsePackageCall = (cursor: Cursor, name: string, at: number): Expression => {
  cursor.expect('.');
  const called = parseName(cursor, `a function of ${name}`);
  return { kind: 'call', package: name, name: called.name, parts: parseArguments(cursor), at };
};

const parseBracketed = (cursor: Cursor, opening: string): Expression => {
  const at = cursor.next.at;
  switch (opening) {
    case '(': {
      cursor.take();
      const inner = parseExpression(cursor);
      cursor.expect(')');
      return inner;
    }
    case '[':
      cursor.take();
      return { kind: 'compound', parts: parseList(cursor, ']', () => parseExpression(cursor)), at };
    case '{':
      cursor.take();
      return { kind: 'compound', parts: parseList(cursor, '}', () => parseEntry(cursor)), at };
    case '/':
      return parsePathLiteral(cursor);
    default:
      return cursor.fail('Expected an expression');
  }
};

const parsePathLiteral = (cursor: Cursor): Expression => {
  const parts: Expression[] = [];
  const { at } = parsePath(cursor, () => void parts.push(parseExpression(cursor)));
  return { kind: 'compound', parts, at };
};

const parseEntry = (cursor: Cursor): Expression => {
  const key = parseExpression(cursor);
  cursor.expect(':');
  return join([key, parseExpression(cursor)]);
};

const parseArguments = (cursor: Cursor): Expression[] => {
  cursor.expect('(');
  return parseList(cursor, ')', () => parseExpression(cursor));
};

// A comma may follow the last item, but not stand alone.
const parseList = (cursor: Cursor, closing: string, parseItem: () => Expression): Expression[] => {
  const items: Expression[] = [];
  while (!cursor.is(closing)) {
    items.push(parseItem());
    if (!cursor.tryTake(',')) break;
  }
  cursor.expect(closing);
  return items;
};

const join = (parts: readonly Expression[]): Expression => {
  const [first] = parts;
  if (!first) throw new RangeError('An expression has at least one part.');
  return parts.length === 1 ? first : { kind: 'compound', parts, at: first.at };
};
