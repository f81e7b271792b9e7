import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assemble, renderMarkdown, type Facts } from './render.ts';
import { entry, type Entry, type Notes } from './schemas.ts';

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

const noted = (ordinal: number, notes: Notes): Entry =>
  entry.parse({
    org: 'acme',
    task: 't',
    assignment: `a${ordinal}`,
    ordinal,
    specialist: 'api-designer',
    epoch: 1,
    notes,
    writtenAt: new Date(0),
  });

describe('the scratchpad', () => {
  test('renders to the Markdown of the specification', () => {
    const entries = [
      noted(0, { service: 'Extracts metadata', dependencies: 'Cloud Storage', dataFlow: 'Upload -> Extract -> Store' }),
      noted(1, {
        endpoints: 'POST /v1/extractions',
        authentication: 'ID token',
        rateLimits: '60/min',
        slas: 'p95 200 ms',
      }),
    ];
    expect(renderMarkdown(assemble(facts, entries))).toBe(`# Backend Development - Extraction
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

  test('a later assignment’s note on a field replaces an earlier one’s', () => {
    const pad = assemble(facts, [noted(0, { service: 'first' }), noted(1, { service: 'second' })]);
    expect(pad.sections.serviceArchitecture.service).toBe('second');
  });

  test('has the same lines whatever a note holds: no note can open a section or tick a box', () => {
    const shape = (markdown: string) =>
      markdown.split('\n').map((line) => /^(#+ |- \[.\] |- \w[\w ]*:|$)/.exec(line)?.[0]);
    const plain = shape(renderMarkdown(assemble(facts, [])));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('#', '\n', '- [x] done', '\r', '\u2028', ' ', 'a') }), (text) => {
        const markdown = renderMarkdown(assemble(facts, [noted(0, { service: text, endpoints: text, slas: text })]));
        expect(shape(markdown)).toEqual(plain);
      }),
    );
  });
});
