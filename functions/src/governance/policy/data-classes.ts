import type { DataClass } from './schemas.ts';

/** Does a field of that name hold data of the class? Matching takes linear time whatever the pattern, as an org writes it. */
export const holdsData = ({ fields }: Pick<DataClass, 'fields'>, name: string): boolean =>
  fields.some((pattern) => matches(pattern.toLowerCase(), name.toLowerCase()));

const matches = (pattern: string, name: string): boolean => {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  // Each part between two stars at its earliest place leaves the most room for the next.
  const end = others.reduce((from, part) => {
    const at = from === nowhere ? nowhere : name.indexOf(part, from);
    return at === nowhere ? nowhere : at + part.length;
  }, first.length);
  return end !== nowhere && end + last.length <= name.length;
};

const nowhere = -1;
