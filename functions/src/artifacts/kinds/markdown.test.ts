import { expect, test } from '@jest/globals';
import { checkMarkdown } from './markdown.ts';

test('accepts a text with a heading and counts the headings', () => {
  expect(checkMarkdown('# Plan\n\ntext\n\n## Steps\n')).toMatchObject({
    valid: true,
    metrics: { headings: 2, lines: 6 },
  });
});

test.each(['', ' \n\t', 'text only', '#hashtag', '```sh\n# a comment\n```', '    # code'])('refuses %j', (content) => {
  expect(checkMarkdown(content)).toMatchObject({ valid: false });
});
