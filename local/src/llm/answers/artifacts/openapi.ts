// An OpenAPI 3.1 contract: list, create and read the task's main resource, and what belongs to one of them.
import { camelCase, pascalCase, plural, singular } from '../../subject.ts';
import type { Commission } from './commission.ts';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const problems = {
  '400': problem('The request does not fit the schema.'),
  '401': problem('The token is missing or has expired.'),
  '403': problem('The caller may not do this.'),
  '429': problem('Too many requests; the Retry-After header says when to come back.'),
  '500': problem('Something went wrong on the side of the service.'),
};

const missing = { '404': problem('There is none with this id in the org.') };

const jsonOf = (schema: object) => ({ content: { 'application/json': { schema } } });

const reference = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });

const schemasOf = (one: string, many: string, words: readonly string[]) => ({
  [one]: {
    type: 'object',
    required: ['id', 'title', 'createdAt'],
    properties: {
      id: { type: 'string' },
      title: { type: 'string', maxLength: 200, examples: [words.slice(0, 4).join(' ')] },
      state: { type: 'string', enum: ['pending', 'ready', 'failed'] },
      createdAt: { type: 'string', format: 'date-time' },
    },
  },
  [`New${one}`]: {
    type: 'object',
    required: ['title'],
    properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
  },
  [`${one}Page`]: {
    type: 'object',
    required: [many],
    properties: {
      [many]: { type: 'array', items: reference(one) },
      nextPageToken: { type: 'string' },
    },
  },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status'],
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
    },
  },
});

const paging = [
  { name: 'pageSize', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  { name: 'pageToken', in: 'query', schema: { type: 'string' } },
];

const idempotencyKey = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } };

const collectionOf = (one: string, many: string, tag: string) => ({
  get: {
    operationId: `list${pascalCase(plural(camelCase(one)))}`,
    summary: `List ${many} of the org`,
    tags: [tag],
    parameters: paging,
    responses: { '200': { description: `A page of ${many}.`, ...jsonOf(reference(`${one}Page`)) }, ...problems },
  },
  post: {
    operationId: `create${one}`,
    summary: `Create one of the ${many}`,
    tags: [tag],
    parameters: [idempotencyKey],
    requestBody: { required: true, ...jsonOf(reference(`New${one}`)) },
    responses: { '201': { description: 'Created.', ...jsonOf(reference(one)) }, ...problems },
  },
});

const itemOf = (one: string, many: string, tag: string) => ({
  get: {
    operationId: `get${one}`,
    summary: `Read one of the ${many}`,
    tags: [tag],
    responses: { '200': { description: 'Found.', ...jsonOf(reference(one)) }, ...problems, ...missing },
  },
});

const partOf = (one: string, part: string, tag: string) => ({
  get: {
    operationId: `get${one}${pascalCase(part)}`,
    summary: `Read the ${part} of one ${tag}`,
    tags: [tag],
    responses: {
      '200': { description: `The ${part}.`, ...jsonOf({ type: 'object', additionalProperties: true }) },
      ...problems,
      ...missing,
    },
  },
});

export const openapi = ({ subject }: Commission): string => {
  const [many, part] = subject.resources;
  const noun = singular(many);
  const one = pascalCase(noun);
  const idParameter = { name: `${camelCase(noun)}Id`, in: 'path', required: true, schema: { type: 'string' } };
  const itemPath = `/${many}/{${idParameter.name}}`;
  const document = {
    openapi: '3.1.0',
    info: {
      title: `${one} API`,
      version: '1.0.0',
      description: `The contract for: ${subject.title}.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/v1', description: 'The deployed service' }],
    tags: [{ name: noun, description: `Everything about ${many}.` }],
    security: [{ idToken: [] }],
    paths: {
      [`/${many}`]: collectionOf(one, many, noun),
      [itemPath]: { parameters: [idParameter], ...itemOf(one, many, noun) },
      ...(part && { [`${itemPath}/${part}`]: { parameters: [idParameter], ...partOf(one, part, noun) } }),
    },
    components: {
      securitySchemes: { idToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: schemasOf(one, many, subject.words),
    },
  };
  return JSON.stringify(document, undefined, 2);
};
