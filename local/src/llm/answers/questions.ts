// What specialists ask before they deliver.
import { pick, type Random } from '../random.ts';
import type { Subject } from '../subject.ts';

type Worded = (subject: Subject) => string;

const anybody: readonly Worded[] = [
  ({ resources: [many] }) => `How many ${many} does an org have at most, and how many are added a day?`,
  ({ resources: [many] }) => `May members of an org see the ${many} of all other members?`,
  () => 'Which region must the data stay in?',
];

const byKind: Readonly<Record<string, readonly Worded[]>> = {
  openapi: [
    ({ resources: [many] }) => `Is there an earlier version of the API for ${many} whose clients must keep working?`,
  ],
  'firestore-schema': [({ resources: [many] }) => `By which fields will people search and sort the ${many}?`],
  'deployment-plan': [() => 'Is there a time of day at which nothing may be deployed?'],
};

export const askedQuestion = (random: Random, kind: string, subject: Subject): string =>
  pick(random, [...(byKind[kind] ?? []), ...anybody])(subject);
