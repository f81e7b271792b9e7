// Work that nobody interferes with, but for the processes that die of it.
import { category, markdown, type Scenario, setPolicy } from './scenario.ts';

export const work: readonly Scenario[] = [
  {
    name: 'two-in-a-row',
    submission: { category, plan: [markdown('first'), markdown('second', ['first'])] },
    ends: ['completed'],
  },
  {
    name: 'fan-out-and-join',
    submission: {
      category,
      plan: [markdown('a'), markdown('b'), markdown('c'), markdown('join', ['a', 'b', 'c'])],
    },
    ends: ['completed'],
  },
  {
    name: 'review-with-rework',
    submission: {
      category,
      plan: [
        markdown('build'),
        {
          id: 'review',
          specialist: 'security-engineer',
          title: 'Review it',
          instructions: '[[stand-in: changes-needed]]',
          artifactKind: 'security-review',
          dependsOn: ['build'],
        },
        markdown('publish', ['review']),
      ],
    },
    ends: ['completed'],
  },
  {
    name: 'repair',
    submission: {
      category,
      plan: [
        {
          id: 'boundaries',
          specialist: 'cloud-architect',
          title: 'Draw the boundaries',
          instructions: '[[stand-in: invalid-artifact]]',
          artifactKind: 'service-boundaries',
        },
        markdown('after', ['boundaries']),
      ],
    },
    ends: ['completed'],
  },
  {
    name: 'provider-fallback',
    submission: { category, plan: [markdown('first'), markdown('second', ['first'])] },
    marker: '[[stand-in: 529 provider=anthropic]]',
    ends: ['completed'],
  },
  {
    name: 'providers-down-for-a-while',
    submission: { category, plan: [markdown('only')] },
    marker: '[[stand-in: 529 times=3]]',
    ends: ['completed'],
  },
  {
    name: 'time-limit',
    submission: {
      category,
      plan: [
        markdown('first'),
        { ...markdown('hangs', ['first'], '[[stand-in: hang]]'), timeoutSeconds: 2 },
        markdown('never', ['hangs']),
      ],
    },
    ends: ['failed'],
  },
  {
    name: 'missed-deadline',
    submission: {
      category,
      plan: [markdown('first'), markdown('hangs', ['first'], '[[stand-in: hang]]'), markdown('never', ['hangs'])],
    },
    deadlineMs: 5_000,
    ends: ['failed'],
  },
  {
    name: 'analysed-by-a-model',
    submission: { plan: [markdown('only')] },
    ends: ['completed'],
  },
  {
    name: 'delegation',
    submission: {
      category,
      plan: [markdown('first'), markdown('asks', ['first'], '[[stand-in: delegate to=api-designer]]')],
    },
    ends: ['completed'],
  },
  {
    name: 'waits-for-its-turn',
    submission: { category, plan: [markdown('only')] },
    ends: ['completed'],
    before: (stage, org) => setPolicy(stage, org, { limits: { concurrentAssignments: 1 } }),
    meanwhile: async (stage, { org, id }) => {
      const second = { title: `Second of ${org}`, category, plan: [markdown('only')] };
      await stage.submit({ org, idempotencyKey: `${org}-second`, ...second });
      return stage.taskOf(org, { besides: id });
    },
  },
];
