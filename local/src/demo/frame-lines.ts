// What is said around the tasks: who answers, how it went, what to do next. Pure.
import type { ApiError } from '../../../functions/src/client.ts';
import type { Suite } from '../suite.ts';
import type { Progress } from './progress.ts';
import type { Paint } from './style.ts';
import { oneLine } from './text.ts';

export const providerLines = ({ urls, answersFrom }: Pick<Suite, 'urls' | 'answersFrom'>, paint: Paint): string[] =>
  urls.llm === undefined
    ? [`Answers come from ${answersFrom}.`]
    : [
        `${paint('busy', `Answers come from the ${answersFrom}`)}: no provider key is set, so no model is asked. Texts and figures follow`,
        'from the request by rules, and cost is what the named models would have charged. With ANTHROPIC_API_KEY,',
        'OPENAI_API_KEY or GEMINI_API_KEY in the environment the real providers answer.',
      ];

/** Why the API refused, with every field that it names. */
export const refusalLines = ({ code, detail, errors = [] }: ApiError['problem']): string[] => [
  `The API refused: ${detail} [${code}]`,
  ...errors.map((each) => `  ${each.pointer} ${each.detail}`),
];

/** One line that says which tasks did not complete, and why. */
export const resultLine = (all: readonly Progress[]): string => {
  const open = all.filter(({ state }) => state !== 'completed');
  const reasons = open.map(
    ({ title, state, failure }) => `"${oneLine(title)}" ${state}${failure ? `: ${oneLine(failure.detail)}` : ''}`,
  );
  return `${open.length} of ${all.length} tasks did not complete: ${reasons.join('; ')}`;
};

const exampleTask = '{"title": "Add an endpoint for extracting metadata from documents"}';

export const hintLines = ({ urls }: Pick<Suite, 'urls'>, paint: Paint): string[] => [
  paint('strong', 'What next'),
  '  npm run demo -- "any task of yours"     watch the team work on it',
  '  npm start                               keep the service running; prints a token and where everything is; then:',
  `  curl ${urls.api}/v1/tasks -H "authorization: Bearer $TOKEN" \\`,
  `    -H 'content-type: application/json' -d '${exampleTask}'`,
];
