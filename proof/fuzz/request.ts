// Requests of an operation: one that fits the document, or one that breaks it in one place.
import fc from 'fast-check';
import { resolved, type OpenApi, type Operation, type Parameter, type Schema } from './document.ts';
import type { Arguments } from './known.ts';
import type { Validate } from './validate.ts';
import { valuesOf } from './values.ts';
import { violationsOf } from './violations.ts';

export type Random = () => number;

export interface Request {
  readonly operation: Operation;
  readonly path: Arguments;
  readonly query: Arguments;
  readonly headers: Arguments;
  /** Absent: none is sent. */
  readonly body?: unknown;
}

export interface Requests {
  /** One that fits, with these arguments where there are any. */
  valid(operation: Operation, given: Arguments): Request;
  /** The same with one violation; undefined where nothing can be broken. */
  invalid(request: Request): Request | undefined;
}

const picked = <T>(items: readonly T[], random: Random): T | undefined => items[Math.floor(random() * items.length)];

const tries = 20;

export const requestsFor = (document: OpenApi, validate: Validate, random: Random): Requests => {
  const values = valuesOf(document);
  const violations = violationsOf(document);
  /** Waiting for work that is not there is no test of anything. */
  const bodyOf = (schema: Schema): unknown => {
    const body = drawn(schema);
    return resolved(document, schema).properties?.['waitSeconds'] ? { ...(body as object), waitSeconds: 0 } : body;
  };
  const isSent = ({ required, schema }: NonNullable<Operation['body']>): boolean =>
    required || random() < 0.8 || resolved(document, schema).properties?.['waitSeconds'] !== undefined;

  const drawn = (schema: Parameter['schema']): unknown =>
    fc.sample(values(schema), { numRuns: 1, seed: Math.floor(random() * 2 ** 31) })[0];

  const parametersIn = (operation: Operation, place: Parameter['in'], given: Arguments): Arguments =>
    Object.fromEntries(
      operation.parameters
        .filter((each) => each.in === place && (each.required || random() < 0.3))
        .map(({ name, schema }) => [name, given[name] ?? given[`${place}.${name}`] ?? String(drawn(schema))]),
    );

  const brokenBody = (request: Request): Request | undefined => {
    const { body } = request.operation;
    if (!body) return undefined;
    const all = violations(body.schema, request.body);
    for (let tried = 0; tried < tries; tried += 1) {
      const broken = picked(all, random);
      if (validate(body.pointer, broken).length > 0) return { ...request, body: broken };
    }
    return undefined;
  };

  const brokenParameter = (request: Request): Request | undefined => {
    const at = picked(
      request.operation.parameters.filter(({ schema }) => schema.pattern ?? schema.type === 'integer'),
      random,
    );
    if (at?.in === 'path') return { ...request, path: { ...request.path, [at.name]: 'not one of ours!' } };
    if (at?.in === 'query') return { ...request, query: { ...request.query, [at.name]: 'not one of ours!' } };
    if (at?.in === 'header')
      return { ...request, headers: { ...request.headers, [at.name]: 'not one of ours \u00e4' } };
    return undefined;
  };

  const withoutHeader = (request: Request): Request | undefined => {
    const required = request.operation.parameters.find((each) => each.in === 'header' && each.required);
    if (!required) return undefined;
    return {
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== required.name)),
    };
  };

  return {
    valid: (operation, given) => {
      const { body } = operation;
      return {
        operation,
        path: parametersIn(operation, 'path', given),
        query: parametersIn(operation, 'query', given),
        headers: parametersIn(operation, 'header', given),
        ...(body && isSent(body) && { body: bodyOf(body.schema) }),
      };
    },
    invalid: (request) => {
      const ways = [brokenBody, brokenBody, brokenBody, brokenParameter, withoutHeader];
      for (let tried = 0; tried < tries; tried += 1) {
        const broken = picked(ways, random)?.(request);
        if (broken) return broken;
      }
      return undefined;
    },
  };
};
