// The OpenAPI document as the fuzzer reads it: operations with the schemas of what goes in and comes out. What is not read here does
// not matter to it.
import { z } from 'zod';

/** The part of JSON Schema 2020-12 that the document uses. */
export interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | Schema | undefined;
  readonly propertyNames?: Schema | undefined;
  readonly maxProperties?: number | undefined;
  readonly items?: Schema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly format?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly example?: unknown;
  readonly examples?: readonly unknown[] | undefined;
}

const schema = z.custom<Schema>((value) => typeof value === 'object' && value !== null);

const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema,
});
export type Parameter = z.infer<typeof parameter>;

const media = z.record(z.string(), z.object({ schema, example: z.unknown().optional() }));
const link = z.object({ operationId: z.string(), parameters: z.record(z.string(), z.string()) });
export type Link = z.infer<typeof link>;

const answer = z.object({
  $ref: z.string().optional(),
  content: media.optional(),
  headers: z.record(z.string(), z.unknown()).default({}),
  links: z.record(z.string(), link).default({}),
});

const operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: media }).optional(),
  responses: z.record(z.string(), answer),
});

const openApi = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), schema), responses: z.record(z.string(), answer) }),
});
export type OpenApi = z.infer<typeof openApi>;

export interface Answer {
  /** By media type, the place of the schema in the document as a JSON pointer. */
  readonly schemas: ReadonlyMap<string, string>;
  readonly links: readonly Link[];
  /** The headers that must be there. */
  readonly headers: readonly string[];
}

export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly schema: Schema; readonly pointer: string; readonly required: boolean };
  readonly answers: ReadonlyMap<number, Answer>;
}

const alwaysThere = ['X-Request-Id', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'Retry-After'];

const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const pointerOf = (...parts: string[]) => `#/${parts.map(escaped).join('/')}`;

const answerAt = (document: OpenApi, place: readonly string[], found: z.infer<typeof answer>): Answer => {
  const name = found.$ref?.split('/').at(-1);
  const shared = name === undefined ? undefined : document.components.responses[name];
  if (name !== undefined && shared) return answerAt(document, ['components', 'responses', name], shared);
  const types = Object.keys(found.content ?? {});
  return {
    schemas: new Map(types.map((type) => [type, pointerOf(...place, 'content', type, 'schema')])),
    links: Object.values(found.links),
    headers: Object.keys(found.headers).filter((each) => alwaysThere.includes(each)),
  };
};

const json = 'application/json';

const operationAt = (document: OpenApi, path: string, method: string, found: z.infer<typeof operation>): Operation => {
  const place = ['paths', path, method];
  const body = found.requestBody?.content[json];
  return {
    id: found.operationId,
    tag: found.tags[0] ?? '',
    method: method.toUpperCase(),
    path,
    parameters: found.parameters,
    ...(body && {
      body: {
        schema: body.example === undefined ? body.schema : { ...body.schema, example: body.example },
        pointer: pointerOf(...place, 'requestBody', 'content', json, 'schema'),
        required: found.requestBody?.required ?? false,
      },
    }),
    answers: new Map(
      Object.entries(found.responses).map(([status, each]) => [
        Number(status),
        answerAt(document, [...place, 'responses', status], each),
      ]),
    ),
  };
};

export const readDocument = (json: unknown): OpenApi => openApi.parse(json);

/** Every operation that needs a token. */
export const operationsOf = (document: OpenApi): Operation[] =>
  Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, found]) => operationAt(document, path, method, found)),
    );

/** The schema itself, where the given one only names it. */
export const resolved = (document: OpenApi, found: Schema): Schema => {
  const name = found.$ref?.split('/').at(-1);
  const named = name === undefined ? undefined : document.components.schemas[name];
  return named ? resolved(document, named) : found;
};
