import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withDefect } from './apply.ts';
import { mutations } from './mutations.ts';

const repository = path.resolve(import.meta.dirname, '../..');

describe('putting a defect into a text', () => {
  const mutation = { name: 'm', file: 'f.ts', edits: [{ find: 'keep(this)', replace: '$& gone' }] };

  test('replaces the one place, and takes nothing in the replacement for a pattern', () => {
    expect(withDefect('a keep(this) b', mutation)).toBe('a $& gone b');
  });

  test.each(['no such place', 'keep(this) keep(this)'])('refuses a text where the place is not unique: %s', (text) => {
    expect(() => withDefect(text, mutation)).toThrow('f.ts has');
  });
});

describe('the table', () => {
  test('has a name of its own for every defect', () => {
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
  });

  test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s: fits the sources',
    (_name, mutation) => {
      const text = readFileSync(path.join(repository, mutation.file), 'utf8');
      expect(withDefect(text, mutation)).not.toBe(text);
      for (const file of mutation.tests) expect(existsSync(path.join(repository, file))).toBe(true);
    },
  );
});
