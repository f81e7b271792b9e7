import { createMiddleware } from 'hono/factory';
import { invalidInput } from '../field-errors.ts';
import { isStorableText } from '../storable.ts';
import type { ApiEnv } from './env.ts';

/** Refuses a query with text that no stored record can have. Paths and headers have patterns that leave none through. */
export const storableQuery = createMiddleware<ApiEnv>(async (c, next) => {
  const errors = Object.entries(c.req.queries())
    .filter(([name, values]) => ![name, ...values].every(isStorableText))
    .map(([name]) => ({ pointer: `query#/${name}`.toWellFormed(), detail: 'must not contain the character NUL' }));
  if (errors.length > 0) throw invalidInput(errors);
  await next();
});
