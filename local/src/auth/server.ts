// The HTTP face: paths as the SDKs call them when they are pointed at an emulator.
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import { z, ZodError } from 'zod';
import { AuthApiError, check } from './errors.ts';
import { list, lookup, remove, removeMany, signUp, update } from './manage.ts';
import type { AuthState, Operation } from './operations.ts';
import { refresh, signInWithCustomToken, signInWithPassword } from './sessions.ts';

const toolkit = '/identitytoolkit.googleapis.com/v1';

const clientOperations = new Map<string, Operation>([
  ['accounts:signUp', signUp],
  ['accounts:signInWithPassword', signInWithPassword],
  ['accounts:signInWithCustomToken', signInWithCustomToken],
  ['accounts:lookup', lookup],
  ['accounts:update', update],
  ['accounts:delete', remove],
]);

const adminOperations = new Map<string, Operation>([
  ['accounts', signUp],
  ['accounts:lookup', lookup],
  ['accounts:update', update],
  ['accounts:delete', remove],
  ['accounts:batchDelete', removeMany],
]);

export const authApp = (state: AuthState): Hono => {
  const app = new Hono();
  app.use(cors());
  app.onError((error, context) => {
    const known = translated(error);
    return context.json(known.body, known.status);
  });
  app.notFound((context) => {
    const known = new AuthApiError(`NOT_FOUND : This stand-in has no ${context.req.method} ${context.req.path}.`, 404);
    return context.json(known.body, known.status);
  });

  const answer = async (context: Context, operation: Operation, privileged: boolean) =>
    context.json(operation(state, { body: await bodyOf(context), privileged, now: new Date() }));

  app.get('/', (context) => context.json({ authEmulator: { ready: true } }));
  app.post(`${toolkit}/:call{accounts:.+}`, (context) =>
    answer(context, operationOf(clientOperations, context), isPrivileged(context.req.header('authorization'))),
  );
  app.post('/securetoken.googleapis.com/v1/token', (context) => answer(context, refresh, false));

  app.use(`${toolkit}/projects/:project/*`, async (context, next) => {
    if (!isPrivileged(context.req.header('authorization')))
      throw new AuthApiError('UNAUTHENTICATED : An admin credential is needed.', 401);
    check(context.req.param('project') === state.projectId, 'PROJECT_NOT_FOUND');
    await next();
  });
  app.get(`${toolkit}/projects/:project/accounts:batchGet`, (context) =>
    context.json(list(state, { body: context.req.query(), privileged: true, now: new Date() })),
  );
  app.post(`${toolkit}/projects/:project/:call{accounts.*}`, (context) =>
    answer(context, operationOf(adminOperations, context), true),
  );
  app.delete('/emulator/v1/projects/:project/accounts', (context) => {
    state.accounts.clear();
    return context.json({});
  });
  return app;
};

const operationOf = (operations: ReadonlyMap<string, Operation>, context: Context): Operation => {
  const name = context.req.param('call') ?? '';
  const operation = operations.get(name);
  if (!operation) throw new AuthApiError(`NOT_FOUND : This stand-in has no ${name}.`, 404);
  return operation;
};

/** firebase-admin sends `Bearer owner` to an emulator; clients send no Authorization header. */
const isPrivileged = (authorization: string | undefined) => /^Bearer ./i.test(authorization ?? '');

const bodyOf = async (context: Context): Promise<unknown> => {
  const text = await context.req.text();
  if (context.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return text === '' ? {} : JSON.parse(text);
};

const translated = (error: Error): AuthApiError => {
  if (error instanceof AuthApiError) return error;
  if (error instanceof ZodError) return new AuthApiError(`INVALID_ARGUMENT : ${z.prettifyError(error)}`);
  if (error instanceof SyntaxError) return new AuthApiError('INVALID_ARGUMENT : The body is not JSON.');
  return new AuthApiError(`INTERNAL_ERROR : ${error.message}`, 500);
};
