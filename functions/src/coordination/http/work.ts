import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { problems } from '../../platform/http/problem.ts';
import { readInput } from '../external/read-input.ts';
import { getArtifact, getAssignment, getReport, getScratchpad, listArtifacts, listAssignments } from '../index.ts';
import { alsoAs, answer, anyRole, bearer, members, represented } from '../../platform/http/operation.ts';
import { inArtifact, inAssignment, inTask } from './operation.ts';
import {
  artifactSummary,
  artifactView,
  assignmentView,
  reportView,
  scratchpadView,
  summarizeArtifact,
  viewArtifact,
  viewAssignment,
  viewReport,
  viewScratchpad,
} from './views.ts';

const shared = { method: 'get' as const, tags: ['Work'], security: bearer, middleware: members };
const readProblems = problems(400, 401, 403, 404);

const assignments = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/assignments',
  operationId: 'listAssignments',
  summary: 'List the assignments of a task',
  description: 'All of them, in the order of the plan. A task that is not planned yet has none.',
  request: { params: inTask },
  responses: {
    200: answer(z.object({ assignments: z.array(assignmentView) }).openapi('Assignments'), 'The assignments.'),
    ...readProblems,
  },
});

const assignment = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/assignments/{assignment}',
  operationId: 'getAssignment',
  summary: 'Read an assignment',
  description: 'Its state, its result or failure, how often it was tried, and every model call made for it.',
  request: { params: inAssignment },
  responses: { 200: answer(assignmentView, 'The assignment.'), ...readProblems },
});

const artifacts = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/artifacts',
  operationId: 'listArtifacts',
  summary: 'List the deliverables of a task, without their content',
  description: 'Without their contents, which can be large: read one to get it.',
  request: { params: inTask },
  responses: {
    200: answer(z.object({ artifacts: z.array(artifactSummary) }).openapi('Artifacts'), 'The deliverables.'),
    ...readProblems,
  },
});

const artifact = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/artifacts/{artifact}',
  operationId: 'getArtifact',
  summary: 'Read a deliverable',
  description: 'An agent may read those that are inputs of work which it holds.',
  middleware: anyRole,
  request: { params: inArtifact },
  responses: { 200: answer(artifactView, 'The deliverable with its content.'), ...readProblems },
});

const markdown = 'text/markdown';

const scratchpad = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/scratchpad',
  operationId: 'getScratchpad',
  summary: 'Read the shared scratchpad of a task',
  description:
    'JSON by default, with the tag of each section that can be edited; `Accept: text/markdown` answers with the page itself.',
  request: { params: inTask },
  responses: {
    200: {
      description: 'The scratchpad.',
      content: { 'application/json': { schema: scratchpadView }, ...alsoAs(markdown) },
    },
    ...readProblems,
  },
});

const report = createRoute({
  ...shared,
  path: '/v1/tasks/{task}/report',
  operationId: 'getReport',
  summary: 'Read the report of a task',
  description:
    'Once the task is over, the report that was written then. Before, how it stands now, with the status `update` and the gates as they are; nothing of that is kept or sent.',
  request: { params: inTask },
  responses: { 200: answer(reportView, 'The report.'), ...readProblems },
});

export const workRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(assignments, async (c) => {
      const found = await listAssignments(c.get('caller').org, c.req.valid('param').task);
      return c.json({ assignments: found.map(viewAssignment) }, 200);
    })
    .openapi(assignment, async (c) => {
      const ids = c.req.valid('param');
      return c.json(viewAssignment(await getAssignment(c.get('caller').org, ids.task, ids.assignment)), 200);
    })
    .openapi(artifacts, async (c) => {
      const found = await listArtifacts(c.get('caller').org, c.req.valid('param').task);
      return c.json({ artifacts: found.map(summarizeArtifact) }, 200);
    })
    .openapi(artifact, async (c) => {
      const { org, uid, role } = c.get('caller');
      const { task, artifact: id } = c.req.valid('param');
      const found = role === 'agent' ? readInput({ org, agent: uid, task, artifact: id }) : getArtifact(org, task, id);
      return c.json(viewArtifact(await found), 200);
    })
    .openapi(scratchpad, async (c) => {
      const page = await getScratchpad(c.get('caller').org, c.req.valid('param').task);
      c.header('Vary', 'Accept', { append: true });
      const type = accepts(c, {
        header: 'Accept',
        supports: ['application/json', markdown],
        default: 'application/json',
      });
      if (type === markdown) {
        return represented(c.body(page.markdown, 200, { 'Content-Type': `${markdown}; charset=utf-8` }));
      }
      return c.json(viewScratchpad(page), 200);
    })
    .openapi(report, async (c) => {
      return c.json(viewReport(await getReport(c.get('caller').org, c.req.valid('param').task)), 200);
    });
