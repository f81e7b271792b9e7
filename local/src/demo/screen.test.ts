import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, test } from '@jest/globals';
import { plainScreen, terminalScreen } from './screen.ts';

/** What a terminal shows after this output; knows the sequences that the screen uses. */
const shownBy = (output: string): string[] => {
  const lines = [''];
  let row = 0;
  for (const [token] of output.matchAll(/\u001b\[[?\d]*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) {
    const [, lead, letter] = /^\u001b\[([?\d]*)([A-Za-z])$/.exec(token) ?? [];
    if (letter === 'A') row -= Number(lead);
    else if (letter === 'J') lines.splice(row, Infinity, '');
    else if (token === '\n') lines[++row] ??= '';
    else if (letter === undefined && token !== '\r') lines[row] = token;
  }
  return lines;
};

const terminal = (rows: number) => {
  const output = new PassThrough({ encoding: 'utf8' });
  const screen = terminalScreen(Object.assign(output, { columns: 80, rows }) as unknown as WriteStream);
  return { screen, written: () => String(output.read() ?? '') };
};

describe('the screen of a terminal', () => {
  test('keeps what was said above a block that is replaced', () => {
    const { screen, written } = terminal(24);
    screen.say(['first']);
    screen.show(() => ['working', 'a lot']);
    screen.say(['second', 'third']);
    screen.show(() => ['done']);
    expect(shownBy(written())).toEqual(['first', 'second', 'third', 'done', '']);
  });

  test('asks for no more lines than fit', () => {
    const { screen } = terminal(10);
    const heights: number[] = [];
    screen.show((height) => [String(heights.push(height))]);
    expect(heights).toEqual([9]);
  });

  test('is given back without the block and with its cursor', () => {
    const { screen, written } = terminal(24);
    screen.say(['first']);
    screen.show(() => ['working']);
    screen.close();
    const output = written();
    expect(shownBy(output)).toEqual(['first', '']);
    expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'));
  });
});

test('what goes into a file has no control sequences and no redrawn lines', () => {
  const output = new PassThrough({ encoding: 'utf8' });
  const screen = plainScreen(output);
  screen.say(['first', 'second']);
  screen.show(() => ['working']);
  screen.close();
  expect(output.read()).toBe('first\nsecond\n');
});
