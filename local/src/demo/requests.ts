// What the demo asks for, and how a sentence from the command line becomes a task.
import { SuiteError } from '../errors.ts';

/** `cut-answer`: an artifact arrives cut in half. `flawed-rules`: the first security rules have a flaw that their check accepts. */
export type Setback = 'cut-answer' | 'flawed-rules';

export interface Request {
  readonly title: string;
  readonly description?: string;
  readonly setbacks?: readonly Setback[];
}

/** The example requests of the specification, in the words of their users. The first one is the demo's usual story. */
export const exampleRequests: readonly [Request, ...Request[]] = [
  {
    title: 'We need to add a new endpoint for extracting metadata from documents',
    setbacks: ['cut-answer', 'flawed-rules'],
  },
  { title: 'Our LLM costs are getting too high and responses are slow', setbacks: ['cut-answer'] },
  { title: 'Can we add real-time document collaboration to the editor?' },
];

const maxTitleChars = 200;

/** A task in the user's words: what does not fit a title is told in full in the description. Throws SuiteError when empty. */
export const requestOf = (text: string): Request => {
  const words = text.trim().toWellFormed();
  if (words === '')
    throw new SuiteError('The task is empty.', 'Say what is to be done: npm run demo -- "Add an endpoint"');
  const [firstLine = ''] = words.split('\n', 1);
  if (words.length <= maxTitleChars && firstLine === words) return { title: words };
  const title = firstLine.length <= maxTitleChars ? firstLine : `${firstLine.slice(0, maxTitleChars - 1)}…`;
  return { title: title.toWellFormed().trim(), description: words };
};
