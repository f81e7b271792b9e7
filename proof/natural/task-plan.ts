// Which tasks a run hands in: each follows from the seed and its number alone.
import type { Submission } from '../../functions/src/coordination/schemas.ts';
import { integerBetween, pick, type Random, seededRandom, seedOf, sha256 } from '../../local/src/llm/random.ts';
import { categories, things, titleFor } from './words.ts';

export interface PlannedTask {
  readonly index: number;
  readonly submission: Pick<Submission, 'title'> & Partial<Pick<Submission, 'category' | 'service' | 'planning'>>;
}

/** One task, or two on the same service, the second of which is handed in when the first is over. */
export type Order = readonly [PlannedTask] | readonly [PlannedTask, PlannedTask];

const namedShare = 0.5;
const proposedShare = 0.1;
const secondShare = 0.25;

const plannedTask = (random: Random, index: number, { thing, service }: { thing: string; service?: string }) => {
  const category = categories[index % categories.length] ?? 'api-design';
  const isNamed = random() < namedShare;
  const isProposed = random() < proposedShare;
  return {
    index,
    submission: {
      title: titleFor(random, category, thing),
      ...(isNamed && { category }),
      ...(isProposed && { planning: 'proposed' as const }),
      ...(service !== undefined && { service }),
    },
  };
};

const orderOf = (seed: number, index: number, left: number): Order => {
  const random = seededRandom(seedOf(sha256(`natural ${seed} ${index}`)));
  const thing = pick(random, things);
  if (left < 2 || random() >= secondShare) return [plannedTask(random, index, { thing })];
  const service = `${thing}-${integerBetween(random, 1, 999)}`;
  return [plannedTask(random, index, { thing, service }), plannedTask(random, index + 1, { thing, service })];
};

/** So many tasks in all. */
export const ordersOf = (seed: number, tasks: number): Order[] => {
  const orders: Order[] = [];
  for (let index = 0; index < tasks;) {
    const order = orderOf(seed, index, tasks - index);
    orders.push(order);
    index += order.length;
  }
  return orders;
};
