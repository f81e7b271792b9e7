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
import { attestationBody, created, idempotencyKey, inTask } from './operation.ts';
import type { TaskSource } from './task-source.ts';
import { attestationPage, attestationView, viewAttestation } from './views.ts';

const tags = ['Quality gates'];
const security = bearer;

const make = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/attest',
  operationId: 'attest',
  summary: 'Say whether a quality gate holds',
  description:
    'With a `token`, a JWS signed with a registered attestation key, CI speaks, whoever brings it; without one a main coordinator ' +
    'or an operator speaks in their own name, on the gates that accept a person’s word, but does not pass what they submitted. ' +
    'A token’s claims are `org`, `task`, `gate`, `status`, `iat`, `exp` (an hour later at most), `jti`, and optionally `summary`, ' +
    '`url`, `commit` and `check`, the name of one of several checks behind a gate. Its header is `alg` (EdDSA or ES256) and `kid`. ' +
    'What the request says beside a token is kept in `broughtBy`. The same `jti` again answers with the same attestation. Of a task ' +
    'that is over nothing new is attested.',
  tags,
  security,
  middleware: [anyRole, jsonBody] as const,
  request: {
    params: inTask,
    headers: idempotencyKey,
    body: attestationBody,
  },
  responses: {
    201: { ...answer(attestationView, 'The attestation, as recorded.'), headers: created },
    ...problems(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/attestations',
  operationId: 'listAttestations',
  summary: 'List what was attested of a task, newest first',
  description: 'By people and by keys, for every gate of the task.',
  tags,
  security,
  middleware: members,
  request: { params: inTask, query: z.object({ pageSize, pageToken: attestationId.optional() }) },
  responses: {
    200: answer(attestationPage, 'A page of attestations.'),
    ...problems(400, 401, 403, 404),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/attestations/{attestation}',
  operationId: 'getAttestation',
  summary: 'Read an attestation',
  description: 'Attestations are never changed: a newer one on the same subject replaces an older one.',
  tags,
  security,
  middleware: members,
  request: { params: inTask.extend({ attestation: attestationId }) },
  responses: { 200: answer(attestationView, 'The attestation.'), ...problems(400, 401, 403, 404) },
});

export const attestationRoutes = (tasks: TaskSource) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(make, async (c) => {
      const caller = c.get('caller');
      const { task } = c.req.valid('param');
      const { attestation, replayed } = await attest({
        task,
        request: c.req.valid('json'),
        caller,
        standing: () => tasks.standingOf(caller.org, task),
        idempotencyKey: c.req.valid('header')['Idempotency-Key'],
        now: databaseTime(),
      });
      c.header('Location', `attestations/${attestation.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewAttestation(attestation), 201);
    })
    .openapi(list, async (c) => {
      const { org } = c.get('caller');
      const { task } = c.req.valid('param');
      await tasks.requireTask(org, task);
      const { attestations, nextPageToken } = await listAttestations(org, task, c.req.valid('query'));
      return c.json({ attestations: attestations.map(viewAttestation), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const { org } = c.get('caller');
      const { task, attestation } = c.req.valid('param');
      await tasks.requireTask(org, task);
      return c.json(viewAttestation(await getAttestation(org, task, attestation)), 200);
    });
