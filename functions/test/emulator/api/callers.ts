// The whole API in this process, and callers with real tokens: what a test of it needs. Import it before anything opens the
// database, as it makes the Firebase app that the service then uses.
import { afterAll, expect } from '@jest/globals';
import { makeApi } from '../../../src/api.ts';
import type { OrgId, Role } from '../../../src/platform/schemas.ts';
import { startTokenIssuer } from '../../support/token-issuer.ts';
import { serviceDatabase } from '../harness.ts';

const issuer = await startTokenIssuer(process.env['GCLOUD_PROJECT'] ?? '');

serviceDatabase();
afterAll(() => issuer.stop());

export const api = makeApi({ requestsPerMinute: 100_000 });

export interface Call {
  readonly org: OrgId;
  readonly role?: Role | undefined;
  readonly uid?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string> | undefined;
}

export const tokenFor = ({ org, role = 'operator', uid = `${role}-1` }: Call): string =>
  issuer.sign({ org, role, sub: uid });

/** Calls an operation, e.g. `call('GET /v1/tasks', { org })`. */
export const call = async (operation: string, options: Call): Promise<Response> => {
  const [method = '', path = ''] = operation.split(' ');
  const headers = {
    authorization: `Bearer ${tokenFor(options)}`,
    ...(options.body !== undefined && { 'content-type': 'application/json' }),
    ...options.headers,
  };
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  return api.request(path, { method, headers, body });
};

/** The JSON of an answer that must have that status. */
export const json = async (response: Response | Promise<Response>, status = 200): Promise<Record<string, unknown>> => {
  const answer = await response;
  const body = (await answer.json()) as Record<string, unknown>;
  expect({ status: answer.status, ...(answer.status !== status && body) }).toEqual({ status });
  return body;
};
