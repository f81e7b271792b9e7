import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { jsonHash } from '../platform/hash.ts';
import { keyOfCaller } from '../platform/idempotency.ts';
import { producerKey, replayKey, requestHash, scheduledKey, taskIdFor } from './ids.ts';
import { taskId } from './schemas.ts';

/** Keys of all channels, and of callers whose names and keys may look like those of others. */
const word = fc.oneof(fc.constantFrom('http', 'schedule', 'dead-letter', 'a', 'sch_1'), fc.string());
const scopedKey = fc.oneof(
  fc.tuple(word, word).map(([uid, key]) => keyOfCaller(uid, key)),
  fc.tuple(word, word).map(([schedule, slot]) => scheduledKey(schedule, slot)),
  word.map(producerKey),
  word.map(replayKey),
);

describe('the id of a task', () => {
  test('is the same for the same org and key, and another for any other', () => {
    fc.assert(
      fc.property(fc.string(), scopedKey, scopedKey, fc.string(), (org, key, other, otherOrg) => {
        expect(taskIdFor(org, key)).toBe(taskIdFor(org, key));
        expect(taskId.safeParse(taskIdFor(org, key)).success).toBe(true);
        if (!isDeepStrictEqual(other, key)) expect(taskIdFor(org, other)).not.toBe(taskIdFor(org, key));
        if (otherOrg !== org) expect(taskIdFor(otherOrg, key)).not.toBe(taskIdFor(org, key));
      }),
    );
  });

  test('does not confuse where the org ends and the key begins', () => {
    expect(taskIdFor('ab', ['c'])).not.toBe(taskIdFor('a', ['bc']));
  });

  test('is the one that a producer’s key had when all channels shared one namespace', () => {
    expect(taskIdFor('acme', producerKey('k'))).toBe(`tsk_${jsonHash(['acme', 'k']).slice(0, 20)}`);
  });

  test('is new each time without a key', () => {
    expect(taskIdFor('acme', keyOfCaller('u', undefined))).not.toBe(taskIdFor('acme', keyOfCaller('u', undefined)));
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
