// Colour as a function, so that what is printed can be tested without it.
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'strong' | 'plain';
export type Paint = (tone: Tone, text: string) => string;

const formats = { good: 'green', bad: 'red', busy: 'cyan', quiet: 'dim', strong: 'bold' } as const;

/** Colours for `stream`, none where it or the environment (NO_COLOR, FORCE_COLOR) asks for none. */
export const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (tone, text) =>
    tone === 'plain' ? text : styleText(formats[tone], text, { stream });

export const noPaint: Paint = (_tone, text) => text;
