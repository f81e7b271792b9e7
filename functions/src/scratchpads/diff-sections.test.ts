import { expect, test } from '@jest/globals';
import { diffSections } from './diff-sections.ts';

test('says of each field that differs whether it was added, removed or changed, by line', () => {
  const before = { kept: 'k', gone: 'g', text: 'one\ntwo', item: { text: 'Load test', tickedBy: null } };
  const after = { kept: 'k', constructor: 'n', text: 'one\n2', item: { text: 'Load test', tickedBy: 'ana' } };
  expect(diffSections(before, after)).toEqual([
    { field: 'constructor', change: 'added', lines: [{ op: 'added', text: 'n' }] },
    { field: 'gone', change: 'removed', lines: [{ op: 'removed', text: 'g' }] },
    {
      field: 'item',
      change: 'changed',
      lines: [
        { op: 'removed', text: '[ ] Load test' },
        { op: 'added', text: '[x] Load test' },
      ],
    },
    {
      field: 'text',
      change: 'changed',
      lines: [
        { op: 'same', text: 'one' },
        { op: 'removed', text: 'two' },
        { op: 'added', text: '2' },
      ],
    },
  ]);
});
