// Which service a task is on when its caller does not say. Pure.
import { serviceName, type Submission } from './schemas.ts';

/** The org's service that the text names by all words of its name; undefined when there is none, or more than one fits as well. */
export const serviceNamedIn = (
  { title, description }: Pick<Submission, 'title' | 'description'>,
  services: readonly string[],
): string | undefined => {
  const words = wordsOf(`${title} ${description}`);
  const named = services
    .map((service) => ({ service, name: [...wordsOf(service)].filter((word) => !general.has(word)) }))
    .filter(({ name }) => name.length > 0 && name.every((word) => words.has(word)))
    .toSorted((a, b) => b.name.length - a.name.length);
  const [best, next] = named;
  return best && best.name.length > (next?.name.length ?? 0) ? best.service : undefined;
};

/** A service name made of what its boundaries call it; undefined when nothing of it can stand in one. */
export const serviceNameFrom = (title: string): string | undefined => {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 64)
    .replace(/-$/, '');
  const parsed = serviceName.safeParse(slug);
  return parsed.success ? parsed.data : undefined;
};

/** Words that name no service by themselves. */
const general = new Set(['service', 'api', 'backend', 'app', 'system', 'function', 'new', 'the', 'of', 'for', 'and']);

const wordsOf = (text: string): Set<string> =>
  new Set((text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(singular));

const singular = (word: string): string => (word.length > 3 ? word.replace(/ies$/, 'y').replace(/(?<!s)s$/, '') : word);
