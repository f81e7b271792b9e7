// Where the demo prints: lines that stay and, on a terminal, a block below them that is redrawn in place.
import type { WriteStream } from 'node:tty';

export interface Screen {
  /** Characters of a line. */
  readonly width: number;
  /** Prints lines that stay. */
  say(lines: readonly string[]): void;
  /** Replaces the block below; `lines` is asked for as many lines as fit. Does nothing where nothing can be redrawn. */
  show(lines: (height: number) => readonly string[]): void;
  /** True when `show` has an effect. */
  readonly redraws: boolean;
  /** Removes the block and gives the terminal back as it was. */
  close(): void;
}

export const silentScreen: Screen = { width: 0, redraws: false, say: () => {}, show: () => {}, close: () => {} };

const plainWidth = 80;

/** For pipes and files: everything is appended. */
export const plainScreen = (stream: NodeJS.WritableStream): Screen => ({
  ...silentScreen,
  width: plainWidth,
  say: (lines) => void stream.write(lines.map((line) => `${line}\n`).join('')),
});

const escape = '\u001b[';
const hideCursor = `${escape}?25l`;
const showCursor = `${escape}?25h`;
// A line of the block that the terminal would break in two would spoil the count of lines to go back.
const wrapOff = `${escape}?7l`;
const wrapOn = `${escape}?7h`;
const eraseBelow = `${escape}0J`;
const up = (lines: number) => (lines === 0 ? '' : `${escape}${lines}A`);

export const terminalScreen = (stream: WriteStream): Screen => {
  let block: readonly string[] = [];
  let changed = false;
  const back = () => `\r${up(block.length)}${eraseBelow}`;
  const draw = () => (block.length === 0 ? '' : `${hideCursor}${wrapOff}${block.join('\n')}\n${wrapOn}`);
  return {
    redraws: true,
    get width() {
      return stream.columns;
    },
    say: (lines) => void stream.write(`${back()}${lines.map((line) => `${line}\n`).join('')}${draw()}`),
    show: (lines) => {
      const before = back();
      block = lines(stream.rows - 1);
      changed = true;
      stream.write(before + draw());
    },
    close: () => {
      if (changed) stream.write(back() + wrapOn + showCursor);
      block = [];
      changed = false;
    },
  };
};
