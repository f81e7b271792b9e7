import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { requestHash, taskIdFor } from './ids.ts';
import { taskId } from './schemas.ts';

describe('the id of a task', () => {
  test('is the same for the same org and key, and another for any other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (org, key, other) => {
        expect(taskIdFor(org, key)).toBe(taskIdFor(org, key));
        expect(taskId.safeParse(taskIdFor(org, key)).success).toBe(true);
        if (other !== key) expect(taskIdFor(org, other)).not.toBe(taskIdFor(org, key));
        if (other !== org) expect(taskIdFor(other, key)).not.toBe(taskIdFor(org, key));
      }),
    );
  });

  test('does not confuse where the org ends and the key begins', () => {
    expect(taskIdFor('ab', 'c')).not.toBe(taskIdFor('a', 'bc'));
  });

  test('is new each time without a key', () => {
    expect(taskIdFor('acme', undefined)).not.toBe(taskIdFor('acme', undefined));
  });
});

describe('the fingerprint of a request', () => {
  test('does not depend on the order of fields', () => {
    expect(requestHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(requestHash({ b: { d: null, c: [1, 2] }, a: 1 }));
  });

  test.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: { b: 1 } }, { a: [['b', 1]] }],
    [{ a: '1' }, { a: 1 }],
    [{}, { a: null }],
  ])('tells %j from %j', (one, other) => {
    expect(requestHash(one)).not.toBe(requestHash(other));
  });
});
