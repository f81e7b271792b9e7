import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makePad } from './pad.ts';
import { assemble, renderMarkdown, type Facts } from './render.ts';
import { checklistId, padId, type Notes } from './schemas.ts';
import { noteOf, padWith, place, sectionWith, stored } from './testing/pads.ts';

const facts: Facts = {
  title: 'Extraction',
  status: 'Active',
  related: ['API Design', 'Security Review'],
  team: [
    { name: 'Firebase Specialist', work: 'Write the security rules' },
    { name: 'API Designer', work: 'Define the API contract' },
  ],
  progress: [
    { item: 'API design approved', done: true },
    { item: 'Security review complete', done: false },
  ],
};

const page = (...notes: Notes[]) => assemble(facts, padWith(...notes.map((each, ordinal) => noteOf(ordinal, each))));

describe('the scratchpad', () => {
  test('renders to the Markdown of the specification', () => {
    const notes: Notes[] = [
      { service: 'Extracts metadata', dependencies: 'Cloud Storage', dataFlow: 'Upload -> Extract -> Store' },
      { endpoints: 'POST /v1/extractions', authentication: 'ID token', rateLimits: '60/min', slas: 'p95 200 ms' },
    ];
    expect(renderMarkdown(page(...notes))).toBe(`# Backend Development - Extraction
## Status: Active
## Coordinator: Backend
## Related Scratchpads: [API Design, Security Review]

### Service Architecture
- Service: Extracts metadata
- Dependencies: Cloud Storage
- Data Flow: Upload -> Extract -> Store

### Team Assignments
- Firebase Specialist: Write the security rules
- API Designer: Define the API contract

### API Contracts
- Endpoints: POST /v1/extractions
- Authentication: ID token
- Rate Limits: 60/min
- SLAs: p95 200 ms

### Progress Tracking
- [x] API design approved
- [ ] Security review complete
`);
  });

  test('shows a later assignment’s note on a field instead of an earlier one’s', () => {
    expect(page({ service: 'first' }, { service: 'second' }).sections.serviceArchitecture.service).toBe('second');
  });

  test('shows what is empty as nothing yet', () => {
    const emptied = makePad(place, [stored(sectionWith('serviceArchitecture', [{ service: ' ' }, 1]))], []);
    expect(assemble(facts, emptied).sections.serviceArchitecture.service).toBe('–');
  });

  const own = [
    stored(
      sectionWith(checklistId, [
        {
          'load-test': { text: 'Load test run', tickedBy: 'ana' },
          docs: { text: 'Docs read', tickedBy: null },
        },
        1,
      ]),
    ),
    stored(sectionWith('risks', [{ title: 'Risks', text: '- quota\n\n# Loud' }, 1])),
    stored(sectionWith('empty', [{ title: 'Gone' }, 1], [{ title: null }, 2])),
    stored(sectionWith(padId, [{ tsk_1: 'Rate limits', archived: 'yes' }, 1])),
  ];

  test('shows items, sections and links of the callers’ own after what the specification has', () => {
    const markdown = renderMarkdown(assemble(facts, makePad(place, own, [])));
    expect(markdown).toContain('## Status: Archived\n');
    expect(markdown).toContain('## Related Scratchpads: [API Design, Security Review, Rate limits]\n');
    expect(markdown.slice(markdown.indexOf('### Progress Tracking'))).toBe(`### Progress Tracking
- [x] API design approved
- [ ] Security review complete
- [ ] Docs read
- [x] Load test run

### Risks
> - quota
>
> # Loud
`);
  });

  test('gives the number of each section that can be edited, also of one that is empty', () => {
    expect(assemble(facts, makePad(place, own, [noteOf(0, { slas: 'x' })])).numbers).toEqual({
      serviceArchitecture: 0,
      apiContracts: 1,
      checklist: 1,
      risks: 1,
      empty: 2,
    });
  });

  const shape = (markdown: string) =>
    markdown.split('\n').map((line) => /^(#+ |- \[.\] |- \w[\w ]*:|>|$)/.exec(line)?.[0]);
  const nasty = fc.string({
    unit: fc.constantFrom(
      '#',
      '\n',
      '- [x] done',
      '### ',
      '\r',
      '\u2028',
      '\u0085',
      '\v',
      '>',
      '```',
      '<!--',
      ' ',
      'a',
    ),
  });

  test('has the same lines whatever a note holds: no note can open a section or tick a box (M1)', () => {
    const plain = shape(renderMarkdown(page()));
    fc.assert(
      fc.property(nasty, (text) => {
        expect(shape(renderMarkdown(page({ service: text, endpoints: text, slas: text })))).toEqual(plain);
      }),
    );
  });

  test('has the same lines whatever a section, an item or a link of the callers’ own holds, but for more quotation (M1)', () => {
    const pageWith = (text: string) => {
      const sections = [
        sectionWith('risks', [{ title: text, text: `x${text}` }, 1]),
        sectionWith(checklistId, [{ load: { text, tickedBy: null } }, 1]),
        sectionWith(padId, [{ tsk_1: text }, 1]),
      ];
      return renderMarkdown(assemble({ ...facts, title: text }, makePad(place, sections.map(stored), [])));
    };
    const withoutQuotation = (markdown: string) => shape(markdown).filter((start) => start !== '>');
    const plain = withoutQuotation(pageWith('a'));
    fc.assert(fc.property(nasty, (text) => expect(withoutQuotation(pageWith(text))).toEqual(plain)));
  });
});
