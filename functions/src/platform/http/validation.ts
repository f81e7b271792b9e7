// Turns what zod finds into the failing fields of a problem.
import type { Hook, OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { errorTexts } from '../error-texts.ts';
import type { FieldError } from '../errors.ts';
import { fieldErrors, invalidInput } from '../field-errors.ts';
import type { ApiEnv } from './env.ts';
import { registeredRoute } from './registry.ts';

/**
 * The hook that answers input which does not fit its schema. Hono's validators stop at the first place that fails, so on a
 * failure the hook looks at all of them again: the caller learns of every failing field at once.
 */
export const validationHook =
  (api: () => OpenAPIHono<ApiEnv>): Hook<unknown, ApiEnv, string, Promise<undefined>> =>
  async (result, c) => {
    if (result.success) return;
    throw invalidInput(await failingFields(c, registeredRoute(api(), c)?.request ?? {}));
  };

type RequestSchemas = NonNullable<RouteConfig['request']>;

const failingFields = async (c: Context<ApiEnv>, request: RequestSchemas): Promise<FieldError[]> => [
  ...check(request.params, c.req.param(), 'path'),
  ...check(request.query, queryOf(c), 'query'),
  ...check(request.headers, headersOf(c, request.headers), 'header'),
  ...(request.body ? check(schemaOf(request.body), await bodyOf(c), '') : []),
];

const check = (schema: unknown, input: unknown, place: string): FieldError[] => {
  if (!(schema instanceof z.ZodType)) return [];
  const parsed = schema.safeParse(input, { error: errorTexts });
  return parsed.success ? [] : fieldErrors(parsed.error, `${place}#`);
};

// As Hono's validator sees it: a parameter that comes twice is a list.
const queryOf = (c: Context<ApiEnv>) =>
  Object.fromEntries(Object.entries(c.req.queries()).map(([name, all]) => [name, all.length === 1 ? all[0] : all]));

const headersOf = (c: Context<ApiEnv>, schema: unknown) =>
  schema instanceof z.ZodObject
    ? Object.fromEntries(Object.keys(schema.shape).map((name) => [name, c.req.header(name)]))
    : {};

const schemaOf = ({ content }: NonNullable<RequestSchemas['body']>): unknown => {
  const json = content['application/json'];
  return json && 'schema' in json ? json.schema : undefined;
};

const bodyOf = async (c: Context<ApiEnv>): Promise<unknown> => {
  const text = await c.req.text();
  return text === '' ? {} : JSON.parse(text);
};
