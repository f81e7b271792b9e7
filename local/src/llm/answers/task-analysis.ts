// Sorts a task by its words, the way a model would: the strongest words decide.
import type { Hint } from '../schema/generate.ts';
import { listOf } from '../schema/resolve.ts';
import type { Question } from './question.ts';

/** Words by label, the telling ones; a label earlier in the list wins a tie. */
type Lexicon = readonly (readonly [string, RegExp])[];

const categories: Lexicon = [
  [
    'llm-integration',
    /\b(llms?|gpt|claude|gemini|openai|anthropic|prompts?|embeddings?|rag|language models?|tokens? costs?)\b/gi,
  ],
  [
    'authentication',
    /\b(auth\w*|log-?in|sign-?(in|up)|passwords?|sessions?|permissions?|roles?|oauth|sso|mfa|claims?)\b/gi,
  ],
  [
    'performance',
    /\b(slow\w*|latency|perform\w*|throughput|speed|faster|cold starts?|scal(e|ing)|optimi[sz]\w*|p9[59])\b/gi,
  ],
  [
    'database-schema',
    /\b(schemas?|database|collections?|index(es)?|migrations?|data models?|quer(y|ies)|firestore|tables?)\b/gi,
  ],
  [
    'cloud-functions',
    /\b(functions?|triggers?|schedul\w+|queues?|pub\/?sub|workers?|real-?time|background|collaborat\w+|cron)\b/gi,
  ],
  ['api-design', /\b(apis?|endpoints?|rest|graphql|routes?|openapi|contracts?|pagination|webhooks?|http)\b/gi],
];

const priorities: Lexicon = [
  ['critical', /\b(outage|data loss|breach|leak(s|ed)?|critical|emergency|production is down|vulnerab\w+)\b/gi],
  [
    'high',
    /\b(urgent\w*|asap|immediately|blocked|blocking|blocker|customers? (complain|wait)\w*|too (high|slow)|important)\b/gi,
  ],
  ['low', /\b(some ?day|eventually|nice to have|minor|cosmetic|low priority|whenever|wish)\b/gi],
];

interface Choice {
  readonly label: string;
  readonly words: readonly string[];
}

const choose = (lexicon: Lexicon, text: string, fallback: string): Choice => {
  const choices = lexicon.map(([label, pattern]) => ({
    label,
    words: [...new Set(text.toLowerCase().match(pattern) ?? [])],
  }));
  const best = choices.reduce((first, second) => (second.words.length > first.words.length ? second : first));
  return best.words.length > 0 ? best : { label: fallback, words: [] };
};

const because = ({ label, words }: Choice) =>
  words.length > 0 ? `"${words.slice(0, 3).join('", "')}" points to ${label}` : `nothing speaks against ${label}`;

/** The label in the words that the schema allows. */
const allowed = (label: string, schema: Record<string, unknown>) =>
  listOf(schema['enum']).find((value) => typeof value === 'string' && value.toLowerCase() === label) ?? undefined;

export const taskAnalysis = ({ text }: Question): Hint => {
  const category = choose(categories, text, 'api-design');
  const priority = choose(priorities, text, 'medium');
  return ({ path, schema }) => {
    if (path === '/category') return allowed(category.label, schema);
    if (path === '/priority') return allowed(priority.label, schema);
    return path === '/reason' ? `${because(category)}; ${because(priority)}.` : undefined;
  };
};
