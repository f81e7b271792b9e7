import { accepted, rejected } from '../result.ts';
import type { ArtifactCheck } from '../schemas.ts';

const fence = /^ {0,3}(?:```|~~~)/;
const heading = /^ {0,3}#{1,6}(?:[ \t]+\S|[ \t]*$)/;

/** Valid when there is text and at least one `#` heading outside of code. Metrics: `headings`, `lines`. */
export const checkMarkdown = (content: string): ArtifactCheck => {
  if (content.trim() === '') return rejected([{ where: '1:1', message: 'The document is empty.' }]);
  const lines = content.split('\n');
  let inCode = false;
  let headings = 0;
  for (const line of lines) {
    if (fence.test(line)) inCode = !inCode;
    else if (!inCode && heading.test(line)) headings += 1;
  }
  return headings > 0
    ? accepted({ metrics: { headings, lines: lines.length } })
    : rejected([{ where: '1:1', message: "The document has no heading: begin a line with '# '." }]);
};
