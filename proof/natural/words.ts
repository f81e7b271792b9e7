// What the tasks of a run are called: as people put it, of few words that are combined by the seed.
import { pick, type Random } from '../../local/src/llm/random.ts';
import type { Submission } from '../../functions/src/coordination/schemas.ts';

type Category = NonNullable<Submission['category']>;

const nouns =
  'invoices recipes shipments bookings contracts photos playlists surveys tickets vouchers parcels lessons recordings receipts ' +
  'subscriptions reminders warehouses deliveries patients auctions gardens vehicles tournaments donations petitions libraries ' +
  'excursions translations podcasts forecasts sensors meters orchards ferries museums bakeries allotments telescopes kayaks violins';
/** Things that the services of a run are about. */
export const things: readonly string[] = nouns.split(' ');

const purposes: readonly string[] = [
  'for our mobile app',
  'for the partners in Asia',
  'before the season begins',
  'with full history',
  'for visitors without an account',
  'across all branches',
  'for the support desk',
  'with an export for accountants',
];

/** How people ask for work of each category; `*` is the thing. */
const wishes: Readonly<Record<Category, readonly string[]>> = {
  'api-design': [
    'Add an endpoint for searching *',
    'Design a REST API for sharing *',
    'We need a webhook API for changes of *',
  ],
  'database-schema': [
    'Design a Firestore schema for *',
    'Migrate the collection of * to a data model with history',
    'Add indexes for the queries on *',
  ],
  authentication: [
    'Let only their owners edit *',
    'Add login with single sign-on to *',
    'Restrict the permissions of guests on *',
  ],
  'cloud-functions': [
    'Resize the pictures of * after each upload',
    'Send a nightly summary of * with a scheduled function',
    'Process the events of * in the background',
  ],
  'llm-integration': [
    'Summarise * with a language model',
    'Classify * by an LLM prompt',
    'Answer questions about * from our documents with AI',
  ],
  performance: [
    'Make the list of * load faster',
    'Reduce the latency of reading *',
    'The costs of caching * are too high',
  ],
};

export const categories = Object.keys(wishes) as readonly Category[];

export const titleFor = (random: Random, category: Category, thing: string): string =>
  `${pick(random, wishes[category]).replace('*', thing)} ${pick(random, purposes)}`;
