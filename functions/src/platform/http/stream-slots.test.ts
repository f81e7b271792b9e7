import { expect, test } from '@jest/globals';
import { httpErrors } from './errors.ts';
import { makeStreamSlots } from './stream-slots.ts';

const refused = expect.objectContaining({ row: httpErrors.tooManyStreams, retryAfterSeconds: 10 });

test('a caller has so many slots, and another one its own', () => {
  const take = makeStreamSlots({ perCaller: 2, perInstance: 10 });
  const release = take('ada');
  take('ada');
  expect(() => take('ada')).toThrow(refused);
  take('bob');
  release();
  take('ada');
  expect(() => take('ada')).toThrow(refused);
});

test('all callers together have so many slots', () => {
  const take = makeStreamSlots({ perCaller: 2, perInstance: 3 });
  const releases = ['ada', 'bob', 'eve'].map(take);
  expect(() => take('joe')).toThrow(refused);
  releases[0]?.();
  take('joe');
  expect(() => take('ada')).toThrow(refused);
});

test('a slot is freed once, however often it is said', () => {
  const take = makeStreamSlots({ perCaller: 1, perInstance: 2 });
  const release = take('ada');
  take('bob');
  release();
  release();
  take('ada');
  release();
  expect(() => take('ada')).toThrow(refused);
  expect(() => take('eve')).toThrow(refused);
});
