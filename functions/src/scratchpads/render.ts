// The backend scratchpad of the specification: its sections, and its Markdown. Pure.
import type { Entry, Notes } from './schemas.ts';

export interface Scratchpad {
  readonly title: string;
  readonly status: string;
  readonly coordinator: string;
  readonly related: readonly string[];
  readonly sections: {
    readonly serviceArchitecture: {
      readonly service: string;
      readonly dependencies: string;
      readonly dataFlow: string;
    };
    readonly teamAssignments: readonly { readonly name: string; readonly work: string }[];
    readonly apiContracts: {
      readonly endpoints: string;
      readonly authentication: string;
      readonly rateLimits: string;
      readonly slas: string;
    };
    readonly progressTracking: readonly { readonly item: string; readonly done: boolean }[];
  };
}

export interface Facts {
  readonly title: string;
  readonly status: string;
  readonly related: readonly string[];
  readonly team: Scratchpad['sections']['teamAssignments'];
  readonly progress: Scratchpad['sections']['progressTracking'];
}

const nothingYet = '–';

/** Puts a task's notes in their places; a later note on the same field replaces an earlier one. */
export const assemble = (facts: Facts, entries: readonly Entry[]): Scratchpad => {
  const latest: Notes = Object.assign({}, ...entries.map(({ notes }) => notes)) as Notes;
  const note = (field: keyof Notes) => latest[field] ?? nothingYet;
  return {
    title: facts.title,
    status: facts.status,
    coordinator: 'Backend',
    related: facts.related,
    sections: {
      serviceArchitecture: { service: note('service'), dependencies: note('dependencies'), dataFlow: note('dataFlow') },
      teamAssignments: facts.team,
      apiContracts: {
        endpoints: note('endpoints'),
        authentication: note('authentication'),
        rateLimits: note('rateLimits'),
        slas: note('slas'),
      },
      progressTracking: facts.progress,
    },
  };
};

export const renderMarkdown = ({ title, status, coordinator, related, sections }: Scratchpad): string => {
  const { serviceArchitecture, teamAssignments, apiContracts, progressTracking } = sections;
  const lines = [
    `# Backend Development - ${line(title)}`,
    `## Status: ${status}`,
    `## Coordinator: ${coordinator}`,
    `## Related Scratchpads: [${related.map(line).join(', ')}]`,
    '',
    '### Service Architecture',
    `- Service: ${line(serviceArchitecture.service)}`,
    `- Dependencies: ${line(serviceArchitecture.dependencies)}`,
    `- Data Flow: ${line(serviceArchitecture.dataFlow)}`,
    '',
    '### Team Assignments',
    ...teamAssignments.map(({ name, work }) => `- ${name}: ${line(work)}`),
    '',
    '### API Contracts',
    `- Endpoints: ${line(apiContracts.endpoints)}`,
    `- Authentication: ${line(apiContracts.authentication)}`,
    `- Rate Limits: ${line(apiContracts.rateLimits)}`,
    `- SLAs: ${line(apiContracts.slas)}`,
    '',
    '### Progress Tracking',
    ...progressTracking.map(({ item, done }) => `- [${done ? 'x' : ' '}] ${item}`),
  ];
  return `${lines.join('\n')}\n`;
};

/** Notes come from models: whatever they hold, they stay on their line and open no heading. */
const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
