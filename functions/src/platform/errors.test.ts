import { describe, expect, test } from '@jest/globals';
import { Cron } from 'croner';
import { z } from 'zod';
import { AppError, describeError, platformErrors } from './errors.ts';

describe('an error in a log', () => {
  test('has its stack and those of its causes, each with its message if that is of a call', () => {
    const root = Object.assign(new TypeError('x is not a function'), { code: 13 });
    const text = describeError(new AppError(platformErrors.internal, { detail: 'could not go on', cause: root }));
    expect(text).toContain('AppError: could not go on');
    expect(text).toContain('caused by TypeError: x is not a function');
    expect(text).toContain('errors.test.ts');
  });

  test('may be anything that was thrown, of which only the kind is told', () => {
    expect(describeError('hunter2')).toBe('a string was thrown');
  });

  const secret = 'hunter2';
  const thrownBy = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
    throw new Error('Nothing was thrown.');
  };
  class SdkError extends Error {
    readonly status = 400;
    readonly code = 'invalid_request';
  }
  class SdkTypeError extends TypeError {}

  test.each<[string, unknown]>([
    ['JSON', thrownBy(() => JSON.parse(`${secret} and more`))],
    ['a number', thrownBy(() => BigInt(secret))],
    ['a pattern', thrownBy(() => new RegExp(`(${secret}`))],
    ['a schema', thrownBy(() => z.strictObject({}).parse({ [secret]: 1 }))],
    ['a schedule', thrownBy(() => new Cron(secret))],
    ['an argument', thrownBy(() => Buffer.from(secret, secret as BufferEncoding))],
    ['an SDK’s request', new SdkError(`400 {"prompt":"${secret}"}`)],
    ['an SDK’s answer, on several lines', new Error(`bad answer\n    at ${secret} (file.js:1:1)\n${secret}`)],
    ['an SDK’s own kind of a common error', new SdkTypeError(secret)],
  ])('says nothing of what could not be read: %s', (_, error) => {
    const text = describeError(new AppError(platformErrors.internal, { cause: error }));
    expect([text.includes('caused by'), String(error).includes(secret)]).toEqual([true, true]);
    expect(text).not.toContain(secret);
    expect(text).toContain('errors.test.ts');
  });

  test.each([
    Object.assign(new Error('9 FAILED_PRECONDITION: The query requires an index.'), { code: 9 }),
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
  ])('keeps what the database and the network say of a call: %s', (error) => {
    expect(describeError(error)).toContain(error.message);
  });
});
