// Bodies at the limits of size, values and depth, and of what a task may say.
import type { Row } from '../measure.ts';
import { agent } from '../stage.ts';
import { outcomeOfSending } from '../wire.ts';

/** Far enough ahead that nobody plans it while the rows are played. */
const later = () => new Date(Date.now() + 7 * 86_400_000).toISOString();

/** A task whose plan has as many characters of instructions in each of its assignments. */
export const planned = (assignments: number, characters: number) => ({
  title: 'A large plan',
  category: 'api-design',
  priority: 'low',
  startAt: later(),
  plan: Array.from({ length: assignments }, (_, index) => ({
    id: `a${index}`,
    specialist: agent,
    title: 'Work',
    artifactKind: 'markdown',
    instructions: 'x'.repeat(characters),
  })),
});

const task = (name: string, json: () => unknown, ...expects: string[]): Row => ({
  name,
  expects,
  act: async ({ call }) => call('/v1/tasks', { json: json() }),
});

const plain = { title: 'A task', category: 'api-design', priority: 'low' };
const dated = (fields: object) => () => ({ ...plain, startAt: later(), ...fields });

/** A body of exactly that size that says what `plain` says. */
const padded = (bytes: number): Buffer => {
  const text = JSON.stringify({ ...plain, startAt: later() });
  return Buffer.from(text.padEnd(bytes, ' '));
};

const ofSize = (name: string, bytes: number, expects: string): Row => ({
  name,
  expects: [expects],
  act: async ({ suite, tokens }) => {
    const body = padded(bytes);
    const answer = await outcomeOfSending(`${suite.urls.api}/v1/tasks`, {
      headers: {
        authorization: `Bearer ${tokens.coordinator}`,
        'content-type': 'application/json',
        'content-length': bytes,
      },
      body: [body],
    });
    return { ...answer, bytes };
  },
});

/** The object, its title and the array are values too. */
const values = (count: number) => () => ({ title: 'x', unknown: Array.from({ length: count - 3 }, () => 0) });
const nested = (levels: number) => () => {
  let value: unknown = [];
  for (let level = 2; level < levels; level += 1) value = [value];
  return { unknown: value };
};
const fields = (count: number) => () => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 0]));

const invalid = '400 platform.invalid_input';

export const bodyRows: readonly Row[] = [
  ofSize('a body of 1 MiB', 1_048_576, '202'),
  ofSize('a body of 1 MiB and a byte', 1_048_577, '413 http.body_too_large'),
  task('50,000 values', values(50_000), invalid),
  task('50,001 values', values(50_001), '400 http.too_many_values'),
  task('64 levels', nested(64), invalid),
  task('65 levels', nested(65), '400 http.nested_too_deep'),
  task('49,999 unknown fields', fields(49_999), invalid),
  task(
    'title of 200, description of 20,000',
    dated({ title: 't'.repeat(200), description: 'd'.repeat(20_000) }),
    '202',
  ),
  task('title of 201', dated({ title: 't'.repeat(201) }), invalid),
  task('description of 20,001', dated({ description: 'd'.repeat(20_001) }), invalid),
  task('plan of 200 assignments, 4,350 characters each', () => planned(200, 4_350), '202'),
  task('plan of 110 assignments, 8,000 characters each', () => planned(110, 8_000), '202'),
  task(
    'plan of 115 assignments, 8,000 each: over 900,000 bytes',
    () => planned(115, 8_000),
    '422 coordination.invalid_plan',
  ),
  task('an assignment of 8,001 characters', () => planned(1, 8_001), invalid),
  task('plan of 201 assignments', () => planned(201, 1), invalid),
];
