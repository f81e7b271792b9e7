import manifest from '../package.json' with { type: 'json' };

/** The parts of the OpenAPI document that no route can say. */
export const apiDescription = {
  openapi: '3.1.0',
  info: {
    title: 'Backend Coordinator',
    version: manifest.version,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description: [
      'Hand in a backend task; a team of specialist agents plans it, does the work and reports.',
      '',
      'Every request needs a Firebase ID token whose claims name an `org` and a `role`. What belongs to another organisation is',
      'not there: 404. Every refusal is an `application/problem+json` (RFC 9457) with a stable `code`; its `type` is the page under',
      '`/docs/errors/` in the repository that explains it. Clients are limited per minute and instance: see `RateLimit-Limit`,',
      '`RateLimit-Remaining`, `RateLimit-Reset` (seconds) and, on a 429, `Retry-After`. Bodies are at most 1 MiB of JSON, nested at',
      'most 64 levels. `X-Request-Id` is taken over when you send one and is in every answer.',
    ].join('\n'),
  },
  servers: [
    {
      url: 'https://{region}-{project}.cloudfunctions.net/api',
      description: 'Deployed',
      variables: { region: { default: 'us-central1' }, project: { default: 'your-project' } },
    },
    {
      url: 'http://127.0.0.1:5001/{project}/us-central1/api',
      description: 'The local suite',
      variables: { project: { default: 'demo-backend-coordinator' } },
    },
  ],
  tags: [
    { name: 'Tasks', description: 'What is to be done.' },
    { name: 'Work', description: 'What the specialists do and deliver for a task.' },
    { name: 'Events', description: 'Everything that happens to a task, in order, without gaps.' },
    { name: 'Scratchpad', description: 'What the team and people write down about a task, with every revision.' },
    { name: 'Reports', description: 'What the main coordinator is told about all tasks.' },
    { name: 'Schedules', description: 'Tasks that come again by cron.' },
    { name: 'Agents', description: 'Who does the work.' },
    { name: 'External agents', description: 'How an agent of your own gets work, and delivers it.' },
    { name: 'Approvals', description: 'Decisions above the team’s authority.' },
    { name: 'Quality gates', description: 'What must hold before work is handed on, and the evidence for it.' },
    { name: 'Attestation keys', description: 'Whose signed evidence counts.' },
    { name: 'Escalations', description: 'What somebody above must know, until somebody has taken it in hand.' },
    { name: 'Policy', description: 'What an organisation asks of us.' },
    { name: 'Messages', description: 'What was said to other coordinators.' },
    { name: 'Webhooks', description: 'Where messages are delivered, and how that went.' },
    { name: 'Dead letters', description: 'Messages that could not be used, for operators.' },
    { name: 'Service', description: 'The API itself; open to everyone.' },
  ],
};

/** Named `firebase` where operations ask for it. */
export const securityScheme = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'A Firebase ID token with the custom claims `org` and `role` (main-coordinator, operator, member, agent).',
} as const;
