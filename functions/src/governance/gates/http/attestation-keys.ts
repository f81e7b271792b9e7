import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../../platform/firestore.ts';
import type { ApiEnv } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import { answer, bearer, operators, proposedHeaders } from '../../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../../platform/http/pages.ts';
import { problems } from '../../../platform/http/problem.ts';
import { approvalView, viewApproval } from '../../approvals/http/views.ts';
import { getKey, listKeys, registerOrProposeKey, revokeKey } from '../attestation-keys.ts';
import { gatesAccepting } from '../gates.ts';
import { attestationKeyId, keyRegistration } from '../schemas.ts';
import { created } from './operation.ts';
import { attestationKeyView, viewAttestationKey } from './views.ts';

const tags = ['Attestation keys'];
const security = bearer;
const params = z.object({ attestationKey: attestationKeyId });

const attestable = { type: 'string', enum: gatesAccepting('attestation') };
const newKey = keyRegistration.extend({ gates: keyRegistration.shape.gates.meta({ items: attestable }) });

const register = createRoute({
  method: 'post',
  path: '/v1/attestation-keys',
  operationId: 'registerAttestationKey',
  summary: 'Register the public key of a CI',
  description:
    'An Ed25519 or P-256 key as a public JWK, and the gates that it may speak for. The same registration again answers with ' +
    'the same key, as the id follows from the key itself. What an operator registers is proposed: the answer is 202 with an approval ' +
    'request, and the key attests once somebody else who may has approved that.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: newKey.meta({
            example: {
              name: 'GitHub Actions of the monorepo',
              jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
              gates: ['tests', 'security'],
            },
          }),
        },
      },
    },
  },
  responses: {
    201: { ...answer(attestationKeyView, 'The registered key; its id is the `kid` of tokens.'), headers: created },
    202: { ...answer(approvalView, 'The request for the key.'), headers: proposedHeaders },
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/attestation-keys',
  operationId: 'listAttestationKeys',
  summary: 'List the attestation keys, newest first',
  description: 'Revoked ones too, as earlier attestations name them.',
  tags,
  security,
  middleware: operators,
  request: { query: z.object({ pageSize, pageToken: attestationKeyId.optional() }) },
  responses: {
    200: answer(
      z.object({ attestationKeys: z.array(attestationKeyView), nextPageToken }).openapi('AttestationKeyPage'),
      'A page of keys, the revoked ones among them.',
    ),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/attestation-keys/{attestationKey}',
  operationId: 'getAttestationKey',
  summary: 'Read an attestation key',
  description: 'Its public part, the gates that it may speak for, and whether it was revoked.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(attestationKeyView, 'The key.'), ...problems(400, 401, 403, 404) },
});

const revoke = createRoute({
  method: 'delete',
  path: '/v1/attestation-keys/{attestationKey}',
  operationId: 'revokeAttestationKey',
  summary: 'Revoke an attestation key',
  description:
    'Its tokens are refused from now on. What it attested before stays, as does the record of the key. Revoking twice is harmless.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(attestationKeyView, 'The revoked key.'), ...problems(400, 401, 403, 404) },
});

export const attestationKeyRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(register, async (c) => {
      const { org, uid, role } = c.get('caller');
      const registration = { by: { uid, role }, now: databaseTime() };
      const outcome = await registerOrProposeKey(org, c.req.valid('json'), registration);
      if (outcome.state === 'proposed') {
        c.header('Location', `approvals/${outcome.approval.id}`);
        return c.json(viewApproval(outcome.approval), 202);
      }
      const { key, replayed } = outcome;
      c.header('Location', `attestation-keys/${key.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewAttestationKey(key), 201);
    })
    .openapi(list, async (c) => {
      const { attestationKeys, nextPageToken } = await listKeys(c.get('caller').org, c.req.valid('query'));
      return c.json({ attestationKeys: attestationKeys.map(viewAttestationKey), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const key = await getKey(c.get('caller').org, c.req.valid('param').attestationKey);
      return c.json(viewAttestationKey(key), 200);
    })
    .openapi(revoke, async (c) => {
      const { org, uid, role } = c.get('caller');
      const revocation = { by: { uid, role }, now: databaseTime() };
      const key = await revokeKey(org, c.req.valid('param').attestationKey, revocation);
      return c.json(viewAttestationKey(key), 200);
    });
