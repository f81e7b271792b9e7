// The middleware of request bodies. The request guard has read the body by now (`rawBody`), under the same limit.
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../errors.ts';
import { invalidInput } from '../field-errors.ts';
import { findUnstorable } from '../storable.ts';
import type { ApiEnv } from './env.ts';
import { httpErrors } from './errors.ts';
import type { TextPosition } from '../json-grammar.ts';
import { maxBodyBytes, tooLarge } from './request-limits.ts';
import { findExcess, findSyntaxError } from './json-text.ts';

export const maxNesting = 64;
/** Items of arrays, fields of objects, and these themselves. */
export const maxBodyValues = 50_000;

/**
 * Refuses a body that is too large, not JSON, not UTF-8, malformed, nested too deep, of too many values, or of text that cannot be
 * stored; lets no body at all pass.
 */
export const jsonBody = createMiddleware<ApiEnv>(async (c, next) => {
  if (Number(c.req.header('content-length') ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  // Hono keeps what is read here: the validators parse the same bytes.
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > maxBodyBytes) throw tooLarge(maxBodyBytes);
  if (bytes.byteLength > 0) {
    requireJsonType(c);
    const errors = findUnstorable(requireJson(decode(bytes)));
    if (errors.length > 0) throw invalidInput(errors);
  }
  await next();
});

const requireJsonType = (c: Context<ApiEnv>) => {
  const type = c.req.header('content-type') ?? '';
  if (/^application\/json(?:;\s*charset="?utf-8"?)?$/i.test(type)) return;
  throw new AppError(httpErrors.unsupportedMediaType, { detail: 'Send Content-Type: application/json, in UTF-8.' });
};

const decode = (bytes: ArrayBuffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError(httpErrors.malformedJson, { detail: 'The body is not valid UTF-8.', cause });
  }
};

const requireJson = (text: string): unknown => {
  const excess = findExcess(text, { depth: maxNesting, values: maxBodyValues });
  if (excess === 'depth') {
    throw new AppError(httpErrors.nestedTooDeep, { detail: `At most ${maxNesting} levels of arrays and objects.` });
  }
  if (excess === 'values') {
    throw new AppError(httpErrors.tooManyValues, { detail: `At most ${maxBodyValues} values.` });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the body and often leaves the position out.
    throw new AppError(httpErrors.malformedJson, { detail: describe(findSyntaxError(text)), cause });
  }
};

const describe = (at: TextPosition | undefined) =>
  at ? `Unexpected text at line ${at.line}, column ${at.column}.` : 'The body cannot be parsed.';
