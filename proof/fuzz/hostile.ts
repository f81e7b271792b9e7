// Bodies of the right shape with a value in them that a database, a clock or a number cannot bear. Whether the service takes it or not is
// its affair; that it fails is not.
import { z } from 'zod';
import type { Random } from './request.ts';

const texts: readonly unknown[] = [
  'half \ud83d',
  '\ude00 half',
  'a\0b',
  '9007199254740992',
  '999999999999999999',
  '1000000000000000',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-23:59',
  '8999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  '1970-01-01T00:00:00+23:59',
  '🦊'.repeat(100),
  '\u2028\ufeff\u202e',
  '__x__',
  'x'.repeat(1_600),
];
const numbers: readonly unknown[] = [2 ** 53, -(2 ** 53) - 2, 1e300, -0, 5e-324, 2 ** 31, 2 ** 63];
const names = ['__proto__', '__x__', '', '\ud800', 'a\0', 'a.b/c~d`e', 'x'.repeat(1_501), 'constructor'];

const tree = z.record(z.string(), z.unknown());

const picked = <T>(items: readonly T[], random: Random): T | undefined => items[Math.floor(random() * items.length)];

/** JSON.parse, unlike an assignment, makes a field of any name. */
const withField = (fields: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(fields).replace(
      /\}$/,
      `${Object.keys(fields).length > 0 ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}}`,
    ),
  );

/** The value with one thing in it that is hostile, at any depth. */
export const hostile = (value: unknown, random: Random): unknown => {
  if (typeof value === 'string') return picked(texts, random);
  if (typeof value === 'number') return picked(numbers, random);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    return value.map((each: unknown, index) => (index === at ? hostile(each, random) : each));
  }
  const fields = tree.safeParse(value).data;
  if (!fields) return value;
  const name = random() < 0.2 ? undefined : picked(Object.keys(fields), random);
  if (name === undefined) return withField(fields, picked(names, random) ?? '', 1);
  return { ...fields, [name]: hostile(fields[name], random) };
};
