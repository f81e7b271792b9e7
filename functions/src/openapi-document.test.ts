import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { makeApi } from './api.ts';
import { describeApi } from './openapi-document.ts';

const link = z.object({ operationId: z.string(), parameters: z.record(z.string(), z.string()) });
const parameter = z.looseObject({ name: z.string(), in: z.string(), required: z.boolean().optional() });
const operation = z.looseObject({
  operationId: z.string(),
  description: z.string().optional(),
  requestBody: z.object({ content: z.record(z.string(), z.object({ example: z.unknown().optional() })) }).optional(),
  parameters: z.array(parameter).default([]),
  responses: z.record(
    z.string(),
    z.looseObject({
      $ref: z.string().optional(),
      headers: z.record(z.string(), z.unknown()).default({}),
      links: z.record(z.string(), link).default({}),
    }),
  ),
});
const document = z
  .looseObject({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.looseObject({
      headers: z.record(z.string(), z.unknown()),
      responses: z.record(z.string(), z.looseObject({ headers: z.record(z.string(), z.unknown()) })),
    }),
  })
  .parse(describeApi(makeApi()));

const operations = Object.values(document.paths).flatMap((each) => Object.values(each));
const byId = new Map(operations.map((each) => [each.operationId, each]));

describe('the OpenAPI document', () => {
  test('requires If-Match of every operation that answers 428 without it, and of no other', () => {
    const required = operations.filter(({ parameters }) =>
      parameters.some(({ name, required }) => name === 'If-Match' && required),
    );
    const answering428 = operations.filter(({ responses }) => responses['428']);
    expect(required).toEqual(answering428);
    expect(required.length).toBeGreaterThan(7);
  });

  test('says of every answer which headers each request gets, and of a 429 and 503 when to come again', () => {
    for (const { operationId, responses } of operations) {
      for (const [status, answer] of Object.entries(responses)) {
        const { headers } = document.components.responses[answer.$ref?.split('/').at(-1) ?? ''] ?? answer;
        expect({ operationId, status, headers: Object.keys(headers) }).toMatchObject({
          headers: expect.arrayContaining([
            ...['X-Request-Id', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
            ...(['429', '503'].includes(status) ? ['Retry-After'] : []),
          ]),
        });
      }
    }
  });

  test('describes every operation, and shows an example of every body', () => {
    for (const { operationId, description, requestBody } of operations) {
      expect({ operationId, description }).toEqual({ operationId, description: expect.stringMatching(/\.$/) });
      for (const { example } of Object.values(requestBody?.content ?? {}))
        expect({ operationId, example }).toEqual({ operationId, example: expect.anything() });
    }
  });

  test('links only to operations that it has, and gives each all that its path needs', () => {
    const links = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap((each) => Object.values(each.links)),
    );
    expect(links.length).toBeGreaterThan(100);
    for (const { operationId, parameters } of links) {
      const needed = byId
        .get(operationId)
        ?.parameters.filter((each) => each.in === 'path')
        .map(({ name }) => name);
      expect(Object.keys(parameters).filter((name) => !name.startsWith('header.'))).toEqual(needed);
    }
  });

  test.each([
    ['submitTask', '202', 'cancelTask', { task: '$response.body#/id' }],
    ['listTasks', '200', 'getTask', { task: '$response.body#/tasks/0/id' }],
    [
      'getWebhook',
      '200',
      'changeWebhook',
      { webhook: '$response.body#/id', 'header.If-Match': '$response.header.ETag' },
    ],
    ['getPolicy', '200', 'replacePolicy', { 'header.If-Match': '$response.header.ETag' }],
    ['attest', '201', 'getAttestation', { task: '$request.path.task', attestation: '$response.body#/id' }],
    ['forkTask', '202', 'getTask', { task: '$response.body#/id' }],
  ])('leads from %s %s to %s', (from, status, to, parameters) => {
    expect(byId.get(from)?.responses[status]?.links[to]?.parameters).toEqual(parameters);
  });
});
