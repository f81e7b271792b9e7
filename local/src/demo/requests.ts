// What the demo asks for, and how a sentence from the command line becomes a task.
import { SuiteError } from '../errors.ts';

/** `cut-answer`: an artifact arrives cut in half. `changes-needed`: each reviewer asks for changes once. */
export type Setback = 'cut-answer' | 'changes-needed';

export interface Request {
  readonly title: string;
  readonly description?: string;
  readonly setback?: Setback;
}

/** The example requests of the specification, in the words of their users. */
export const exampleRequests: readonly Request[] = [
  { title: 'We need to add a new endpoint for extracting metadata from documents', setback: 'cut-answer' },
  { title: 'Our LLM costs are getting too high and responses are slow', setback: 'changes-needed' },
  { title: 'Can we add real-time document collaboration to the editor?' },
];

const maxTitleChars = 200;

/** A task in the user's words: what does not fit a title is told in full in the description. Throws SuiteError when empty. */
export const requestOf = (text: string): Request => {
  const words = text.trim();
  if (words === '')
    throw new SuiteError('The task is empty.', 'Say what is to be done: npm run demo -- "Add an endpoint"');
  const [firstLine = ''] = words.split('\n', 1);
  if (words.length <= maxTitleChars && firstLine === words) return { title: words };
  const title = firstLine.length <= maxTitleChars ? firstLine : `${firstLine.slice(0, maxTitleChars - 1)}…`;
  return { title: title.trim(), description: words };
};
