// What is wrong with a field, in words for whoever sent it. A schema's own words come first; what is not here is zod's.
import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

const counted = (count: number | bigint, [one, many]: readonly [string, string]) =>
  `${count} ${count === 1 ? one : many}`;

const tooSmall = ({ origin, minimum, inclusive }: Extract<Issue, { code: 'too_small' }>): string => {
  const unit = units[origin];
  if (!unit) return `must be ${inclusive === false ? 'more than' : 'at least'} ${minimum}`;
  return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${counted(minimum, unit)}`;
};

const tooBig = ({ origin, maximum, inclusive }: Extract<Issue, { code: 'too_big' }>): string => {
  const unit = units[origin];
  return unit
    ? `must have at most ${counted(maximum, unit)}`
    : `must be ${inclusive === false ? 'less than' : 'at most'} ${maximum}`;
};

const formats: Readonly<Record<string, string>> = {
  datetime: 'must be a date and a time with an offset, such as 2026-11-22T12:00:00Z',
  url: 'must be a URL',
};

const wrongType = ({ expected, input }: Extract<Issue, { code: 'invalid_type' }>): string =>
  input === undefined ? 'is missing' : `must be ${types[expected] ?? expected}`;

const wrongValue = ({ values }: Extract<Issue, { code: 'invalid_value' }>): string =>
  `must be ${values.length === 1 ? '' : 'one of: '}${values.map(String).join(', ')}`;

const wrongName = ({ issues }: Extract<Issue, { code: 'invalid_key' }>): string =>
  `has a name that it may not have: ${issues.map(({ message }) => message).join(', ')}`;

const wrongForm = ({ discriminator }: Extract<Issue, { code: 'invalid_union' }>): string =>
  discriminator === undefined ? 'fits none of the forms that it may have' : 'must name one of the known kinds';

/** Pass it to a parse whose failures callers read. */
export const errorTexts: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue);
    case 'invalid_value':
      return wrongValue(issue);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_format':
      return formats[issue.format];
    case 'invalid_key':
      return wrongName(issue);
    case 'invalid_union':
      return wrongForm(issue);
    case 'custom':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return undefined;
  }
};
