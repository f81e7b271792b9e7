import { describe, expect, test } from '@jest/globals';
import { lateralBody, upwardBody } from './schemas.ts';

// The examples of the specification, letter by letter.
const upward = {
  agent: 'backend-coordinator',
  status: 'update',
  summary: 'Backend services deployment ready',
  metrics: { api_endpoints: 24, avg_response_time: '95ms', security_score: 'A+', cost_projection: '$120/month' },
  concerns: ['LLM rate limits may impact peak usage', 'Consider caching strategy for expensive operations'],
};
const lateral = {
  from: 'backend-coordinator',
  to: 'frontend-coordinator',
  type: 'api_update',
  content: {
    endpoint: '/api/v1/extraction',
    changes: 'Added pagination support',
    types: 'Updated TypeScript definitions attached',
    migration: 'Backward compatible',
  },
};

test('the messages of the specification fit as they are', () => {
  expect(upwardBody.parse(upward)).toEqual(upward);
  expect(lateralBody.parse(lateral)).toEqual(lateral);
});

describe('an upward message', () => {
  test.each(Object.keys(upward))('without %s does not fit', (name) => {
    expect(upwardBody.safeParse({ ...upward, [name]: undefined }).success).toBe(false);
  });

  test.each([{ agent: 'frontend-coordinator' }, { status: 'great' }, { metrics: { a: {} } }, { more: true }])(
    'with %j does not fit',
    (change) => {
      expect(upwardBody.safeParse({ ...upward, ...change }).success).toBe(false);
    },
  );
});

describe('a lateral message', () => {
  test.each(Object.keys(lateral))('without %s does not fit', (name) => {
    expect(lateralBody.safeParse({ ...lateral, [name]: undefined }).success).toBe(false);
  });

  // The database would refuse them.
  test.each([{ a: [[1]] }, { a: { b: [[1]] } }, { '': 1 }, { __a__: 1 }, { 'a.b': 1 }, { a: { b: { c: {} } } }])(
    'with the content %j does not fit',
    (content) => {
      expect(lateralBody.safeParse({ ...lateral, content }).success).toBe(false);
    },
  );

  const entries = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, value]));

  test.each([
    ['the content', entries(101, 1), ['content']],
    ['a field of the content', { a: entries(101, 1) }, ['content', 'a']],
  ])('with more than 100 fields in %s does not fit', (_, content, path) => {
    const { error } = lateralBody.safeParse({ ...lateral, content });
    expect(error?.issues).toMatchObject([{ path, message: 'must have at most 100 fields' }]);
  });

  test('that would take more than 256 KiB in the database does not fit, however short it is as JSON', () => {
    const content = entries(100, { a: Array.from({ length: 200 }, () => 1), b: Array.from({ length: 200 }, () => 1) });
    const { error } = lateralBody.safeParse({ ...lateral, content });
    expect(error?.issues).toMatchObject([{ path: ['content'], message: expect.stringContaining('262144 bytes') }]);
  });
});
