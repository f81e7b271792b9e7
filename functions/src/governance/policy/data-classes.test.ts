import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdsData } from './data-classes.ts';
import { defaultPolicy } from './schemas.ts';

test.each([
  ['email', 'email', true],
  ['email', 'emails', false],
  ['email*', 'emailAddress', true],
  ['*EMAIL', 'workEmail', true],
  ['*mail*', 'workEmailAddress', true],
  ['a*b*c', 'axxbxxc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['*', '', true],
  ['a.b', 'axb', false],
])('the pattern %s and the field %s: %s', (pattern, field, held) => {
  expect(holdsData({ fields: [pattern] }, field)).toBe(held);
});

test('a pattern matches what stands in for its stars, and a regular expression would say the same', () => {
  const pattern = fc.stringMatching(/^[ab*]{1,6}$/);
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab]{0,8}$/), (glob, name) => {
      expect(holdsData({ fields: [glob] }, name)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});

test('personal data is known without a policy of the org', () => {
  const [personal] = defaultPolicy.dataClasses;
  const names = ['email', 'contactEmail', 'phoneNumber', 'homeAddress', 'birthday', 'title', 'createdAt'];
  expect(names.filter((name) => personal && holdsData(personal, name))).toEqual(names.slice(0, 5));
});
