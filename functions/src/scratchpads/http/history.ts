import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, members } from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { diffRevisions, getRevision, listRevisions } from '../read-history.ts';
import { inSection, revisionNumber, tags } from './operation.ts';
import { revisionView, viewRevision, viewWholeRevision, wholeRevisionView } from './views.ts';

const path = '/v1/tasks/{task}/scratchpad/sections/{section}' as const;
const shared = { method: 'get' as const, tags, security: bearer, middleware: members };
const readProblems = problems(400, 401, 403, 404);

const list = createRoute({
  ...shared,
  path: `${path}/revisions` as const,
  operationId: 'listScratchpadRevisions',
  summary: 'List the revisions of a section, newest first',
  description: 'Each with what it changed, who made it, and what it set aside.',
  request: { params: inSection, query: z.object({ pageSize, pageToken: revisionNumber(1).optional() }) },
  responses: {
    200: answer(
      z.object({ revisions: z.array(revisionView), nextPageToken }).openapi('ScratchpadRevisionPage'),
      'A page of revisions.',
    ),
    ...readProblems,
  },
});

const read = createRoute({
  ...shared,
  path: `${path}/revisions/{number}` as const,
  operationId: 'getScratchpadRevision',
  summary: 'Read a revision with what the section held after it',
  description: 'Revisions are never changed.',
  request: { params: inSection.extend({ number: revisionNumber(1) }) },
  responses: { 200: answer(wholeRevisionView, 'The revision.'), ...readProblems },
});

const diff = createRoute({
  ...shared,
  path: `${path}/diff` as const,
  operationId: 'diffScratchpadSection',
  summary: 'Compare two revisions of a section',
  description: 'By field, and within a field by line. `from=0` is the empty section.',
  request: { params: inSection, query: z.object({ from: revisionNumber(0), to: revisionNumber(0) }) },
  responses: {
    200: answer(
      z
        .object({
          from: z.int(),
          to: z.int(),
          fields: z.array(
            z.object({
              field: z.string(),
              change: z.enum(['added', 'removed', 'changed']),
              lines: z.array(z.object({ op: z.enum(['same', 'removed', 'added']), text: z.string() })),
            }),
          ),
        })
        .openapi('ScratchpadDiff'),
      'The fields that differ.',
    ),
    ...readProblems,
  },
});

export const historyRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const { pageSize, pageToken: before } = c.req.valid('query');
      const page = await listRevisions(c.get('caller').org, c.req.valid('param'), { pageSize, before });
      return c.json({ revisions: page.revisions.map(viewRevision), nextPageToken: page.nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const { number, ...place } = c.req.valid('param');
      return c.json(viewWholeRevision(await getRevision(c.get('caller').org, place, number)), 200);
    })
    .openapi(diff, async (c) => {
      const { from, to } = c.req.valid('query');
      const fields = await diffRevisions(c.get('caller').org, c.req.valid('param'), { from, to });
      return c.json({ from, to, fields }, 200);
    });
