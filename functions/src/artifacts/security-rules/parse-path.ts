// Paths: `/databases/{database}/documents` of a match, `/users/$(request.auth.uid)` of an expression.
import type { Cursor } from './cursor.ts';
import { parseName } from './names.ts';
import type { Capture, PathTemplate } from './syntax-tree.ts';

/**
 * Parses one path. `bind` parses what stands in `$( )` where expressions are allowed; without it a path may only capture.
 * Throws RulesSyntaxError.
 */
export const parsePath = (cursor: Cursor, bind?: () => void): PathTemplate => {
  const at = cursor.next.at;
  const captures: Capture[] = [];
  let segments = 0;
  while (cursor.is('/')) {
    cursor.take();
    const capture = parseSegment(cursor, bind);
    if (capture) captures.push({ ...capture, segment: segments });
    segments += 1;
  }
  return segments === 0
    ? cursor.fail("Expected a path that starts with '/'")
    : { captures, segments, at, text: cursor.textSince(at).trim() };
};

const parseSegment = (cursor: Cursor, bind?: () => void): Omit<Capture, 'segment'> | null => {
  if (cursor.takeSegment() !== '') return null;
  if (cursor.is('{')) return parseCapture(cursor);
  if (cursor.is('(')) parseParenthesized(cursor);
  else if (bind && cursor.tryTake('$')) parseBinding(cursor, bind);
  else cursor.fail("Expected a path segment right after '/'");
  return null;
};

const parseBinding = (cursor: Cursor, bind: () => void) => {
  cursor.expect('(');
  bind();
  cursor.expect(')');
};

const parseCapture = (cursor: Cursor): Omit<Capture, 'segment'> => {
  cursor.expect('{');
  const name = parseName(cursor, 'a capture');
  const rest = cursor.tryTake('=') && !cursor.tryTake('*');
  if (rest) cursor.expect('**');
  cursor.expect('}');
  return { ...name, rest };
};

// `(default)` is the name of a project's first database.
const parseParenthesized = (cursor: Cursor) => {
  cursor.expect('(');
  if (cursor.takeSegment() === '') cursor.fail('Expected a name');
  cursor.expect(')');
};
