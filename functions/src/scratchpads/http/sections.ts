import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { assignmentId } from '../../coordination/schemas.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { answer, bearer, members, submitters } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { editSection, rollBackSection } from '../edit-section.ts';
import { sectionEdit } from '../edits.ts';
import { getSection } from '../read-pad.ts';
import { earlierNumber, inSection, seenHeader, seenNumber, sectionTagHeader, tagOf, tags } from './operation.ts';
import { sectionView, viewSection } from './views.ts';

const security = bearer;
const path = '/v1/tasks/{task}/scratchpad/sections/{section}' as const;
const withTag = (description: string) => ({ ...answer(sectionView, description), headers: sectionTagHeader });

const read = createRoute({
  method: 'get',
  path,
  operationId: 'getScratchpadSection',
  summary: 'Read a section of the scratchpad',
  description: 'A section that nobody has written is empty, with the number 0 and the `ETag` `"0"`.',
  tags,
  security,
  middleware: members,
  request: { params: inSection },
  responses: { 200: withTag('The section.'), ...problems(400, 401, 403, 404) },
});

const edit = createRoute({
  method: 'patch',
  path,
  operationId: 'editScratchpadSection',
  summary: 'Set fields of a section',
  description: [
    'A section of a name that is not there yet is made, with the fields `title` and `text` (Markdown). The fields of `checklist`',
    'are its items. An edit that changes nothing makes no revision. A field that you edit is yours: notes of assignments that had',
    'begun before do not replace it, they are recorded as conflicts.',
  ].join(' '),
  tags,
  security,
  middleware: [members, jsonBody] as const,
  request: {
    params: inSection,
    headers: seenHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              fields: sectionEdit.meta({
                description:
                  'Fields by name; null removes one. An item of the checklist is `{ text, done }`, either alone too.',
              }),
              assignment: assignmentId
                .optional()
                .meta({ description: 'The assignment that you make the edit for, if any.' }),
            })
            .openapi('ScratchpadEdit', { example: { fields: { authentication: 'Firebase ID token' } } }),
        },
      },
    },
  },
  responses: {
    200: withTag('The section as it is now.'),
    ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
  },
});

const rollBack = createRoute({
  method: 'post',
  path: `${path}/rollback` as const,
  operationId: 'rollBackScratchpadSection',
  summary: 'Take a section back to an earlier revision',
  description:
    'Makes a new revision with the content of that one; `0` empties the section. Nothing of the history is lost.',
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    params: inSection,
    headers: seenHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ to: earlierNumber }).openapi('ScratchpadRollback', { example: { to: 2 } }),
        },
      },
    },
  },
  responses: { 200: withTag('The section as it is now.'), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 428) },
});

export const sectionRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(read, async (c) => {
      const { task, section: id } = c.req.valid('param');
      const section = await getSection(c.get('caller').org, task, id);
      c.header('ETag', tagOf(section.number));
      return c.json(viewSection(section), 200);
    })
    .openapi(edit, async (c) => {
      const { org, uid, role } = c.get('caller');
      const seen = { ...c.req.valid('param'), number: seenNumber(c.req.valid('header')) };
      const { fields, assignment = null } = c.req.valid('json');
      const section = await editSection(org, seen, fields, { author: { uid, role }, assignment, at: databaseTime() });
      c.header('ETag', tagOf(section.number));
      return c.json(viewSection(section), 200);
    })
    .openapi(rollBack, async (c) => {
      const { org, uid, role } = c.get('caller');
      const seen = { ...c.req.valid('param'), number: seenNumber(c.req.valid('header')) };
      const occasion = { author: { uid, role }, assignment: null, at: databaseTime() };
      const section = await rollBackSection(org, seen, c.req.valid('json').to, occasion);
      c.header('ETag', tagOf(section.number));
      return c.json(viewSection(section), 200);
    });
