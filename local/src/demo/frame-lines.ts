// What is said around the tasks: who answers, how it went, what to do next. Pure.
import type { ApiError } from '../../../functions/src/client.ts';
import type { Suite } from '../suite.ts';
import type { Progress } from './progress.ts';
import type { Paint } from './style.ts';
import { oneLine, wrap } from './text.ts';

export interface Frame {
  readonly paint: Paint;
  readonly width: number;
}

export const providerLines = (
  { urls, answersFrom }: Pick<Suite, 'urls' | 'answersFrom'>,
  { paint, width }: Frame,
): string[] =>
  urls.llm === undefined
    ? wrap(`Answers come from ${answersFrom}.`, width)
    : [
        `Answers come from a ${paint('busy', answersFrom)}: no provider key is set.`,
        ...wrap(
          'It thinks, decides, asks and errs like a model, by rules; cost is what the named models would have charged. ' +
            'With ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY in the environment the real ones answer.',
          width,
        ).map((line) => paint('quiet', line)),
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

/** Commands that can be pasted as they stand. Those of a suite that goes on running speak to it. */
export const hintLines = (
  { urls, tokens }: Pick<Suite, 'urls' | 'tokens'>,
  {
    paint,
    isKept,
    readable,
  }: Pick<Frame, 'paint'> & { readonly isKept: boolean; readonly readable: string | undefined },
): string[] => [
  paint('strong', 'What next'),
  ...(readable === undefined ? [] : [`  less ${quoted(readable)}`]),
  ...(isKept
    ? [
        `  export API=${urls.api}`,
        `  export TOKEN=${tokens['main-coordinator']}`,
        '  curl "$API/v1/tasks" -H "authorization: Bearer $TOKEN"',
        paint('quiet', '  The service keeps running until Ctrl-C.'),
      ]
    : [
        '  npm run demo -- "any task of yours"',
        '  npm run demo -- --all --keep   # three tasks; the service stays up',
        '  npm start                      # the service alone',
      ]),
];

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`);
