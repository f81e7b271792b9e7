// The OpenAPI document: what the routes say, and what holds for all of them alike. The headers that the middleware sets are in every
// answer, `If-Match` is required wherever an edit without it is a 428, and links lead from an answer to the operations on what it holds.
import { z } from 'zod';
import { apiDescription } from './api-description.ts';

/** The parts of the document that are looked at here. */
const named = z.looseObject({ $ref: z.string().optional() });
const parameter = z.looseObject({
  in: z.string().optional(),
  name: z.string().optional(),
  $ref: z.string().optional(),
});
const response = z.looseObject({
  headers: z.record(z.string(), z.unknown()).optional(),
  content: z.record(z.string(), z.looseObject({ schema: named.optional() })).optional(),
});
const body = z.looseObject({
  content: z.record(z.string(), z.looseObject({ schema: named.optional(), example: z.unknown().optional() })),
});
const operation = z.looseObject({
  operationId: z.string(),
  requestBody: body.optional(),
  parameters: z.array(parameter).optional(),
  responses: z.record(z.string(), response),
});
const component = z.looseObject({
  example: z.unknown().optional(),
  properties: z.record(z.string(), z.looseObject({ items: named.optional() })).optional(),
});
const openApi = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), component) }),
});
type OpenApi = z.infer<typeof openApi>;
type Operation = z.infer<typeof operation>;
type Answer = z.infer<typeof response>;

const integer = (description: string) => ({ description, required: true, schema: { type: 'integer', minimum: 0 } });

const headers = {
  'X-Request-Id': {
    description: 'Names the request: the one that you sent, or one of ours. Quote it when you ask for help.',
    required: true,
    schema: { type: 'string' },
  },
  'RateLimit-Limit': integer('How many requests a minute you may send to this instance.'),
  'RateLimit-Remaining': integer('How many of them are left.'),
  'RateLimit-Reset': integer('In how many seconds the count begins anew.'),
  'Retry-After': integer('In how many seconds it makes sense to come again.'),
};
type HeaderName = keyof typeof headers;

const onEvery: readonly HeaderName[] = ['X-Request-Id', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];
const onRefusal: readonly HeaderName[] = [...onEvery, 'Retry-After'];
const refusals: readonly string[] = ['429', '503'];

const withHeaders = (status: string, answer: Answer): Answer => {
  const names = refusals.includes(status) ? onRefusal : onEvery;
  const common = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
  return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(common) } };
};

/** The path parameter that is the `id` of each component. */
const idParameters: Readonly<Record<string, string>> = {
  Task: 'task',
  Agent: 'agent',
  EditedAgent: 'agent',
  Schedule: 'schedule',
  Message: 'message',
  MessageWithDeliveries: 'message',
  Webhook: 'webhook',
  RegisteredWebhook: 'webhook',
  Delivery: 'delivery',
  Approval: 'approval',
  Escalation: 'escalation',
  Attestation: 'attestation',
  AttestationKey: 'attestationKey',
  DeadLetter: 'deadLetter',
  Assignment: 'assignment',
  Artifact: 'artifact',
  ScratchpadSection: 'section',
};

const parametersIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

const nameOf = (schema: { readonly $ref?: string | undefined } | undefined) => schema?.$ref?.split('/').at(-1) ?? '';

interface Found {
  /** The path parameter whose value it is. */
  readonly parameter: string;
  readonly expression: string;
}

/** Where in an answer the id of a thing is: of the thing itself, or of the first in a list of them. */
const idIn = (answer: Answer, { components }: OpenApi): Found | undefined => {
  const name = nameOf(answer.content?.['application/json']?.schema);
  const own = idParameters[name];
  if (own) return { parameter: own, expression: '$response.body#/id' };
  for (const [field, { items }] of Object.entries(components.schemas[name]?.properties ?? {})) {
    const listed = idParameters[nameOf(items)];
    if (listed) return { parameter: listed, expression: `$response.body#/${field}/0/id` };
  }
  return undefined;
};

/** An example of a body is said where tools look for it, too. */
const withExample = (given: z.infer<typeof body>, { components }: OpenApi): z.infer<typeof body> => ({
  ...given,
  content: mapped(given.content, (_, { schema, example, ...rest }) => ({
    ...rest,
    ...(schema && { schema }),
    example: example ?? component.safeParse(schema).data?.example ?? components.schemas[nameOf(schema)]?.example,
  })),
});

const ifMatch = 'If-Match';
const needsIfMatch = ({ parameters = [] }: Operation) => parameters.some(({ name }) => name === ifMatch);

const isTagged = ({ headers }: Answer): boolean => headers !== undefined && 'ETag' in headers;

/** The operations that can be called with the id, and with what the request's path named already. */
const linksFrom = (path: string, found: Found | undefined, answer: Answer, document: OpenApi) => {
  const known = new Map(parametersIn(path).map((name) => [name, `$request.path.${name}`]));
  if (found) known.set(found.parameter, found.expression);
  const tagged = isTagged(answer);
  return Object.entries(document.paths).flatMap(([target, operations]) => {
    const names = parametersIn(target);
    const related = found ? names.includes(found.parameter) : target === path;
    if (!related || !names.every((name) => known.has(name))) return [];
    const parameters = Object.fromEntries(names.map((name) => [name, known.get(name)]));
    return Object.values(operations).map((each) => [
      each.operationId,
      {
        operationId: each.operationId,
        parameters: {
          ...parameters,
          ...(tagged && needsIfMatch(each) && { [`header.${ifMatch}`]: '$response.header.ETag' }),
        },
      },
    ]);
  });
};

const making: readonly string[] = ['201', '202'];

/** From what makes or reads a thing, or lists some: an action on it answers with the same thing again. */
const withLinks = ({ path, method, status }: Place, answer: Answer, document: OpenApi): Answer => {
  const found = idIn(answer, document);
  const leads = method === 'get' ? (found ?? isTagged(answer)) : found && making.includes(status);
  return leads ? { ...answer, links: Object.fromEntries(linksFrom(path, found, answer, document)) } : answer;
};

interface Place {
  readonly path: string;
  readonly method: string;
  readonly status: string;
}

const isSuccess = (status: string) => status.startsWith('2');
const problemOf = (status: string) => `Problem${status}`;

/** A refusal is the same whichever operation gives it: it is written once. */
const answered = (place: Place, answer: Answer, document: OpenApi): object =>
  isSuccess(place.status)
    ? withHeaders(place.status, withLinks(place, answer, document))
    : { $ref: `#/components/responses/${problemOf(place.status)}` };

const completed = (path: string, method: string, each: Operation, document: OpenApi): object => ({
  ...each,
  ...(each.requestBody && { requestBody: withExample(each.requestBody, document) }),
  ...(each.parameters && {
    parameters: each.parameters.map((one) => (one.name === ifMatch ? { ...one, required: true } : one)),
  }),
  responses: mapped(each.responses, (status, answer) => answered({ path, method, status }, answer, document)),
});

const mapped = <T, U>(entries: Readonly<Record<string, T>>, change: (name: string, value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, change(name, value)]));

const refusalsIn = ({ paths }: OpenApi) => {
  const all = Object.values(paths).flatMap((each) =>
    Object.values(each).flatMap(({ responses }) => Object.entries(responses)),
  );
  return Object.fromEntries(
    all
      .filter(([status]) => !isSuccess(status))
      .map(([status, answer]) => [problemOf(status), withHeaders(status, answer)]),
  );
};

/** The whole document of an API. */
export const describeApi = (api: { getOpenAPI31Document(description: typeof apiDescription): unknown }) => {
  const document = openApi.parse(JSON.parse(JSON.stringify(api.getOpenAPI31Document(apiDescription))));
  return {
    ...document,
    components: { ...document.components, headers, responses: refusalsIn(document) },
    paths: mapped(document.paths, (path, each) =>
      mapped(each, (method, one) => completed(path, method, one, document)),
    ),
  };
};
