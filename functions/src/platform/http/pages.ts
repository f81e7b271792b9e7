// Lists come in pages: `pageSize`, `pageToken`, `nextPageToken`.
import { z } from '@hono/zod-openapi';

const maxPageSize = 100;
const defaultPageSize = 20;

export const pageSize = z
  .string()
  .regex(/^\d{1,3}$/, `must be a number from 1 to ${maxPageSize}`)
  .default(String(defaultPageSize))
  .transform(Number)
  .pipe(z.int().min(1).max(maxPageSize))
  .openapi({
    type: 'integer',
    description: 'How many entries to answer with at most.',
    minimum: 1,
    maximum: maxPageSize,
    default: defaultPageSize,
  });

export const nextPageToken = z.string().optional().openapi({ description: 'Left out on the last page.' });
