// What a request is about: read off the words of the users, so that answers speak of the same things.
import { withoutMarkers } from './markers.ts';

export interface Subject {
  /** The task in one line. */
  readonly title: string;
  /** Lower-case words worth repeating, those of the title first; never empty. */
  readonly words: readonly string[];
  /** One or two kinds of thing the task handles, as plural nouns, e.g. `documents`. */
  readonly resources: readonly [string, ...string[]];
}

const list = (text: string) => new Set(text.split(' '));

const fillers = list(
  'about above after again against also another because been before being below best both cannot could does done down each either else every ' +
    'from further goes have having here hers into itself just like made make many more most much must need needs nothing once only other ' +
    'ours over please rather really same shall should some still such than that their them then there these they this those through ' +
    'together under until upon very want wants well were what when where which while will with within without would your yours ' +
    'and are but can for has how its let may not now off our out own per she the too use via was who why you all any one two new',
);

/** Words of the trade: worth repeating, but not a thing that a service stores. */
const tradeWords = list(
  'access agent answer api apis app application architecture artifact assignment authentication backend cache caching category class cloud code ' +
    'contract coordinator cost costs database deploy design developer endpoint endpoints feature field fields file firebase firestore ' +
    'format frontend function functions handler high http https implementation input instructions integration interface json kind latency level ' +
    'limit limits llm logic main middleware model mode module openapi output performance pipeline plan policy priority production ' +
    'prompt rate real realtime request requests response responses rest review role rule rules schema security server service services slow ' +
    'specialist step strategy strict string structure support system table task tasks team test tests time title tool tools type ' +
    'typescript update user version webhook work description deadline format critical medium low high requirements',
);

const verbs = list(
  'accept add allow analyse analyze apply assign attach authorise authorize automate batch block build call change check choose classify clean ' +
    'collect combine compare compress compute connect control convert copy count create define delete deliver deploy describe detect ' +
    'enable enforce ensure escalate estimate evaluate expose extract fetch filter find fix generate get give grant group handle ' +
    'implement import improve increase index ingest insert keep limit list load lower manage measure merge migrate monitor move ' +
    'name notify open optimise optimize paginate parse persist prepare prevent process produce propose protect provide publish query read receive ' +
    'record reduce refactor register reject remove rename render replace report require resize restore return rotate route run save scale ' +
    'schedule search secure see send serve set share shorten show sign sort speed split start stop store stream structure submit summarise ' +
    'summarize support sync synchronise synchronize tag take tell track transform translate turn upload validate verify wire work write',
);

/** No more of a long prompt is read than this. */
const MAX_CHARACTERS = 6000;
const MAX_TITLE = 120;
const MAX_WORDS = 24;

const stems = (word: string) => [word, word.replace(/es$/, ''), word.replace(/s$/, '')];

const isVerb = (word: string) => /(ed|ing)$/.test(word) || stems(word).some((stem) => verbs.has(stem));
const isPlural = (word: string) => /[^sui]s$/.test(word);
const massNouns = list('content data information media metadata music news research software traffic');

export const plural = (noun: string): string => {
  if (massNouns.has(noun) || isPlural(noun)) return noun;
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, 'ies');
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
};

export const singular = (noun: string): string => {
  if (massNouns.has(noun)) return noun;
  if (/ies$/.test(noun)) return noun.replace(/ies$/, 'y');
  if (/(ss|x|z|ch|sh)es$/.test(noun)) return noun.replace(/es$/, '');
  return isPlural(noun) ? noun.slice(0, -1) : noun;
};

export const camelCase = (words: string): string =>
  words.replaceAll(/[^A-Za-z]+([A-Za-z])/g, (_, letter: string) => letter.toUpperCase());

export const pascalCase = (words: string): string => {
  const camel = camelCase(words);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
};

const wordsOf = (text: string) =>
  [...text.toLowerCase().matchAll(/[a-z][a-z-]*[a-z]/g)]
    .map(([word]) => word)
    .filter((word) => word.length >= 3 && word.length <= 24 && !fillers.has(word));

const taskElement = /<([\w-]+) name="task"[^>]*>([^]*?)<\/\1>/;

/** The task within a longer prompt: an element of that name, if there is one. */
const taskIn = (text: string) => taskElement.exec(text)?.[2] ?? text;

/** In a JSON field, or after a colon. */
const namedTitle = /(?:^|["'#*\s])(?:task|title)["'*]*[ \t]*[:=][ \t]*["'*]*[ \t]*([^"\n]{3,})/i;

const titleOf = (text: string) => {
  const named = namedTitle.exec(text)?.[1];
  const firstLine = text.split('\n').find((line) => /[a-z]{3}/i.test(line));
  const line = (named ?? firstLine ?? 'the request').replaceAll(/[#*`]/g, '').trim();
  const sentence = /^.*?[.?!](?=\s|$)/.exec(line)?.[0] ?? line;
  return sentence.slice(0, MAX_TITLE).replace(/[\s.?!,;:]+$/, '');
};

const resourcesOf = (titleWords: readonly string[], allWords: readonly string[]): [string, ...string[]] => {
  const isThing = (word: string) => word.length >= 4 && !word.includes('-') && !tradeWords.has(word) && !isVerb(word);
  const things = titleWords.filter(isThing);
  const inOrder = [...things.filter(isPlural), ...things, ...allWords.filter(isThing).filter(isPlural)];
  const [first = 'records', ...others] = [...new Set(inOrder.map(plural))];
  return [first, ...others.slice(0, 1)];
};

export const subjectOf = (userText: string): Subject => {
  const text = withoutMarkers(taskIn(userText.slice(0, MAX_CHARACTERS)));
  const title = titleOf(text);
  const titleWords = wordsOf(title);
  const words = [...new Set([...titleWords, ...wordsOf(text)])].slice(0, MAX_WORDS);
  return { title, words: words.length > 0 ? words : ['request'], resources: resourcesOf(titleWords, words) };
};
