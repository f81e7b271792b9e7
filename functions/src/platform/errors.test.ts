import { describe, expect, test } from '@jest/globals';
import { AppError, describeError, platformErrors } from './errors.ts';

describe('an error in a log', () => {
  test('has its stack and those of its causes, each with its message', () => {
    const root = new TypeError('x is not a function');
    const text = describeError(new AppError(platformErrors.internal, { detail: 'could not go on', cause: root }));
    expect(text).toContain('AppError: could not go on');
    expect(text).toContain('caused by TypeError: x is not a function');
    expect(text).toContain('errors.test.ts');
  });

  test('may be anything that was thrown', () => {
    expect(describeError('a string')).toBe('a string');
  });
});
