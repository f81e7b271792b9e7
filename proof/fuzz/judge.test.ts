// A fuzzer that finds nothing must have been able to: each kind of fault, in an answer that has it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { operationsOf, readDocument } from './document.ts';
import { judge, type Intent } from './judge.ts';
import { leadsFrom } from './known.ts';
import { requestsFor } from './request.ts';
import { emptyTally, hasPassed } from './tally.ts';
import { validatorOf } from './validate.ts';
import { valuesOf } from './values.ts';

const thing = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 20 },
    size: { type: 'integer', minimum: 1, maximum: 9 },
    tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, maxItems: 2, uniqueItems: true },
    at: { type: 'string', format: 'date-time' },
  },
  required: ['name'],
  additionalProperties: false,
};
const made = {
  description: 'Made.',
  headers: { 'X-Request-Id': {} },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
  links: { getThing: { operationId: 'getThing', parameters: { thing: '$response.body#/name' } } },
};
const document = readDocument({
  paths: {
    '/v1/things': {
      post: {
        operationId: 'makeThing',
        tags: ['Things'],
        requestBody: { required: true, content: { 'application/json': { schema: thing } } },
        responses: { 201: made, 400: { $ref: '#/components/responses/Problem400' } },
      },
    },
  },
  components: {
    schemas: { Thing: thing },
    responses: { Problem400: { content: { 'application/problem+json': { schema: { type: 'object' } } } } },
  },
});
const validate = validatorOf(document);
const [operation] = operationsOf(document);
if (!operation) throw new Error('The document has an operation.');

const exchange = (status: number, json: unknown, headers: Record<string, string> = {}) => ({
  operation,
  status,
  json,
  path: {},
  headers: new Headers({
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    'x-request-id': '1',
    ...headers,
  }),
});

describe('an answer', () => {
  test.each<[string, ReturnType<typeof exchange>, Intent, string | undefined]>([
    ['as documented', exchange(201, { name: 'x' }), 'valid', undefined],
    ['that refuses what is broken', exchange(400, {}), 'invalid', undefined],
    ['500', exchange(500, {}), 'valid', 'serverError'],
    ['503', exchange(503, {}), 'invalid', 'serverError'],
    ['of another status', exchange(418, {}), 'valid', 'undocumented'],
    ['of another shape', exchange(201, { name: '' }), 'valid', 'mismatch'],
    ['of another type', exchange(201, { name: 'x' }, { 'content-type': 'text/html' }), 'valid', 'mismatch'],
    ['that accepts what is broken', exchange(201, { name: 'x' }), 'invalid', 'acceptedInvalid'],
  ])('%s is judged', (_, answer, intent, fault) => {
    const verdict = judge(answer, intent, validate);
    expect(verdict.fault).toBe(fault);
    const tally = emptyTally([]);
    tally.add(operation.id, answer.status, verdict, '');
    expect(hasPassed({ seed: 1, seconds: 1, ...tally })).toBe(fault === undefined);
  });

  test('without a header that is documented does not fit', () => {
    const answer = exchange(201, { name: 'x' });
    answer.headers.delete('x-request-id');
    expect(judge(answer, 'valid', validate)).toMatchObject({
      fault: 'mismatch',
      why: expect.stringContaining('X-Request-Id'),
    });
  });

  test('leads on by its links', () => {
    expect(leadsFrom(exchange(201, { name: 'x' }))).toEqual([{ operation: 'getThing', arguments: { thing: 'x' } }]);
  });
});

test('what is made to fit fits, and what is broken does not', () => {
  const pointer = operation.body?.pointer ?? '';
  fc.assert(
    fc.property(valuesOf(document)(thing), fc.double({ min: 0, max: 0.99, noNaN: true }), (body, at) => {
      expect(validate(pointer, body)).toEqual([]);
      const broken = requestsFor(document, validate, () => at).invalid({
        operation,
        path: {},
        query: {},
        headers: {},
        body,
      });
      if (broken) expect(validate(pointer, broken.body)).not.toEqual([]);
    }),
    { numRuns: 200 },
  );
});
