// A data model: one collection for each kind of thing, below the org that owns it.
import { camelCase, singular } from '../../subject.ts';
import type { Commission } from './commission.ts';

const fields = {
  title: 'string',
  state: 'string',
  createdBy: 'string',
  createdAt: 'timestamp',
  updatedAt: 'timestamp',
  tags: 'array',
};

export const firestoreSchema = ({ subject }: Commission): string => {
  const [many, part] = subject.resources;
  const path = `orgs/{org}/${many}`;
  const indexes = ['state ascending, createdAt descending', 'tags array-contains, createdAt descending'];
  const main = { path, fields: { ...fields, revision: 'number' }, indexes };
  const below = part && {
    path: `${path}/{${camelCase(singular(many))}Id}/${part}`,
    fields: { value: 'map', source: 'string', confidence: 'number', createdAt: 'timestamp' },
    indexes: ['confidence descending'],
  };
  return JSON.stringify({ collections: [main, ...(below ? [below] : [])] }, undefined, 2);
};
