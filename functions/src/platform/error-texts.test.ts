import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { errorTexts } from './error-texts.ts';

test.each<[z.ZodType, unknown, string]>([
  [z.string(), undefined, 'is missing'],
  [z.string(), 7, 'must be a text'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.int(), 'x', 'must be a number'],
  [z.strictObject({}), [], 'must be an object'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(3), 'a', 'must have at least 3 characters'],
  [z.string().max(1), 'ab', 'must have at most 1 character'],
  [z.array(z.int()).min(1), [], 'must not be empty'],
  [z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 entries'],
  [z.int().min(1), 0, 'must be at least 1'],
  [z.int().positive(), 0, 'must be more than 0'],
  [z.int().max(9), 10, 'must be at most 9'],
  [z.enum(['a', 'b']), 'c', 'must be one of: a, b'],
  [z.literal('a'), 'c', 'must be a'],
  [
    z.iso.datetime({ offset: true }),
    '2026-11-22',
    'must be a date and a time with an offset, such as 2026-11-22T12:00:00Z',
  ],
  [z.url(), 'x', 'must be a URL'],
  [
    z.record(z.string().regex(/^a/, 'must begin with a'), z.int()),
    { b: 1 },
    'has a name that it may not have: must begin with a',
  ],
  [z.union([z.string(), z.null()]), 7, 'fits none of the forms that it may have'],
  [
    z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') })]),
    { kind: 'b' },
    'must name one of the known kinds',
  ],
  [z.string().min(1, 'in its own words'), '', 'in its own words'],
])('says what is wrong in words of ours, or of the schema (case %#)', (schema, input, text) => {
  expect(schema.safeParse(input, { error: errorTexts }).error?.issues.map(({ message }) => message)).toEqual([text]);
});
