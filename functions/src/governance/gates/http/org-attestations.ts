// Statements about the org as a whole, e.g. that its backups can be restored: they count for each of its tasks.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../../platform/firestore.ts';
import type { ApiEnv } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import { answer, anyRole, bearer, members } from '../../../platform/http/operation.ts';
import { pageSize } from '../../../platform/http/pages.ts';
import { problems } from '../../../platform/http/problem.ts';
import { attest } from '../attest.ts';
import { getAttestation, listAttestations } from '../read-attestations.ts';
import { attestationId } from '../schemas.ts';
import { attestationBody, created, idempotencyKey } from './operation.ts';
import { attestationPage, attestationView, viewAttestation } from './views.ts';

const tags = ['Quality gates'];
const security = bearer;

const make = createRoute({
  method: 'post',
  path: '/v1/attestations',
  operationId: 'attestOfOrg',
  summary: 'Say that the backups of the organisation were tested',
  description:
    'Like `attest`, of the organisation as a whole: for the gate `backup` of every task, and whether or not a task is open. A token ' +
    'for it has no claim `task`.',
  tags,
  security,
  middleware: [anyRole, jsonBody] as const,
  request: {
    headers: idempotencyKey,
    body: attestationBody,
  },
  responses: {
    201: { ...answer(attestationView, 'The attestation, as recorded.'), headers: created },
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/attestations',
  operationId: 'listOrgAttestations',
  summary: 'List what was attested of the organisation, newest first',
  description: 'Those of tokens that name no task, such as the proof of a tested backup.',
  tags,
  security,
  middleware: members,
  request: { query: z.object({ pageSize, pageToken: attestationId.optional() }) },
  responses: {
    200: answer(attestationPage, 'A page of attestations.'),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/attestations/{attestation}',
  operationId: 'getOrgAttestation',
  summary: 'Read an attestation of the organisation',
  description: 'What it says, who made it, and when.',
  tags,
  security,
  middleware: members,
  request: { params: z.object({ attestation: attestationId }) },
  responses: { 200: answer(attestationView, 'The attestation.'), ...problems(400, 401, 403, 404) },
});

export const orgAttestationRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(make, async (c) => {
      const { attestation, replayed } = await attest({
        task: null,
        request: c.req.valid('json'),
        caller: c.get('caller'),
        idempotencyKey: c.req.valid('header')['Idempotency-Key'],
        now: databaseTime(),
      });
      c.header('Location', `attestations/${attestation.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewAttestation(attestation), 201);
    })
    .openapi(list, async (c) => {
      const { attestations, nextPageToken } = await listAttestations(c.get('caller').org, null, c.req.valid('query'));
      return c.json({ attestations: attestations.map(viewAttestation), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const found = await getAttestation(c.get('caller').org, null, c.req.valid('param').attestation);
      return c.json(viewAttestation(found), 200);
    });
