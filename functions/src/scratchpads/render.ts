// The backend scratchpad of the specification: its sections, those of the callers' own after them, and its Markdown. Pure.
//
// M1. Only the page itself opens a section or makes a checkbox: a text stays on its line, the text of a callers' section in a
//     quotation, whatever it holds.
// M2. The seven items of the specification are ticked by what happened; only items of the callers' own are ticked by hand.
import { customSections, draftOf, isArchived, relatedTasks, type Pad } from './pad.ts';
import { checklistId, notedSectionIds, notedSections, type ChecklistItem, type Section } from './schemas.ts';
import { contentOf, valueOf } from './sections.ts';

/** The checklist of the specification. */
export type Progress = readonly { readonly item: string; readonly done: boolean }[];

export interface Scratchpad {
  readonly title: string;
  readonly status: string;
  readonly coordinator: string;
  readonly archived: boolean;
  readonly related: readonly string[];
  readonly relatedTasks: readonly { readonly task: string; readonly title: string }[];
  readonly sections: {
    readonly serviceArchitecture: NotedTexts<'serviceArchitecture'>;
    readonly teamAssignments: readonly { readonly name: string; readonly work: string }[];
    readonly apiContracts: NotedTexts<'apiContracts'>;
    readonly progressTracking: Progress;
  };
  readonly checklist: readonly { readonly id: string; readonly item: string; readonly tickedBy: string | null }[];
  readonly custom: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  /** The number of the latest revision of each section that can be edited. */
  readonly numbers: Readonly<Record<string, number>>;
}

type Noted = typeof notedSections;
type NotedTexts<S extends keyof Noted> = Readonly<Record<Noted[S][number], string>>;

export interface Facts {
  readonly title: string;
  readonly status: string;
  readonly related: readonly string[];
  readonly team: Scratchpad['sections']['teamAssignments'];
  readonly progress: Progress;
}

const nothingYet = '–';

/** Puts what the sections hold, and the facts, in their places. */
export const assemble = (facts: Facts, pad: Pad): Scratchpad => {
  const related = relatedTasks(pad);
  const archived = isArchived(pad);
  return {
    title: facts.title,
    status: archived ? 'Archived' : facts.status,
    coordinator: 'Backend',
    archived,
    related: [...facts.related, ...related.map(({ title }) => title)],
    relatedTasks: related,
    sections: {
      serviceArchitecture: textsOf(pad, 'serviceArchitecture'),
      teamAssignments: facts.team,
      apiContracts: textsOf(pad, 'apiContracts'),
      progressTracking: facts.progress,
    },
    checklist: itemsOf(draftOf(pad, checklistId).section),
    custom: customSections(pad).flatMap(customView),
    numbers: numbersOf(pad),
  };
};

const textsOf = <S extends keyof Noted>(pad: Pad, id: S): NotedTexts<S> => {
  const content = contentOf(draftOf(pad, id).section);
  const text = (name: string) => {
    const value = valueOf(content, name);
    return typeof value === 'string' && value.trim() !== '' ? value : nothingYet;
  };
  return Object.fromEntries(notedSections[id].map((name) => [name, text(name)])) as NotedTexts<S>;
};

const itemsOf = (checklist: Section): Scratchpad['checklist'] =>
  Object.entries(contentOf(checklist))
    .filter((entry): entry is [string, ChecklistItem] => typeof entry[1] === 'object')
    .map(([id, { text, tickedBy }]) => ({ id, item: text, tickedBy }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** A section whose fields were all removed has a history, but no place on the page. */
const customView = (section: Section): { id: string; title: string; text: string }[] => {
  const content = contentOf(section);
  const text = (name: string) => {
    const value = valueOf(content, name);
    return typeof value === 'string' ? value : '';
  };
  if (Object.keys(content).length === 0) return [];
  return [{ id: section.id, title: line(text('title')) || section.id, text: text('text') }];
};

const numbersOf = (pad: Pad): Record<string, number> => {
  const given = [...notedSectionIds, checklistId].map((id) => [id, draftOf(pad, id).section.number]);
  return Object.fromEntries([...given, ...customSections(pad).map(({ id, number }) => [id, number])]) as Record<
    string,
    number
  >;
};

const box = (done: boolean): string => `- [${done ? 'x' : ' '}]`;

/** The page as the specification prints it (M1). */
export const renderMarkdown = (page: Scratchpad): string => {
  const { serviceArchitecture, teamAssignments, apiContracts, progressTracking } = page.sections;
  const lines = [
    `# Backend Development - ${line(page.title)}`,
    `## Status: ${page.status}`,
    `## Coordinator: ${page.coordinator}`,
    `## Related Scratchpads: [${page.related.map(line).join(', ')}]`,
    '',
    '### Service Architecture',
    `- Service: ${line(serviceArchitecture.service)}`,
    `- Dependencies: ${line(serviceArchitecture.dependencies)}`,
    `- Data Flow: ${line(serviceArchitecture.dataFlow)}`,
    '',
    '### Team Assignments',
    ...teamAssignments.map(({ name, work }) => `- ${line(name)}: ${line(work)}`),
    '',
    '### API Contracts',
    `- Endpoints: ${line(apiContracts.endpoints)}`,
    `- Authentication: ${line(apiContracts.authentication)}`,
    `- Rate Limits: ${line(apiContracts.rateLimits)}`,
    `- SLAs: ${line(apiContracts.slas)}`,
    '',
    '### Progress Tracking',
    ...progressTracking.map(({ item, done }) => `${box(done)} ${item}`),
    ...page.checklist.map(({ item, tickedBy }) => `${box(tickedBy !== null)} ${line(item)}`),
    ...page.custom.flatMap(({ title, text }) => ['', `### ${line(title)}`, ...quoted(text)]),
  ];
  return `${lines.join('\n')}\n`;
};

/** Notes come from models: whatever they hold, they stay on their line and open no heading. */
const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Markdown within the page: headings and boxes in a quotation are the quotation's. */
const quoted = (text: string): string[] =>
  text.trim() === '' ? [] : text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/).map((each) => `> ${each}`.trimEnd());
