// What the sweep runs: small tasks, each of which takes the engine through one of its ways.
import type { Stage, StagedTask } from './stage.ts';

export interface Scenario {
  readonly name: string;
  /** The submission without its title. */
  readonly submission: object;
  /** Goes into the title, which every prompt holds. */
  readonly marker?: string;
  /** The states in which the task may end, however often processes die. */
  readonly ends: readonly string[];
  /** What somebody does while the task runs; resolves at once when the task is over before it comes to that. */
  readonly meanwhile?: (stage: Stage, task: StagedTask) => Promise<void>;
}

const markdown = (id: string, dependsOn: readonly string[] = [], instructions = '') => ({
  id,
  specialist: 'nodejs-expert',
  title: `Write ${id}`,
  instructions,
  artifactKind: 'markdown',
  dependsOn,
});

const category = 'performance';

export const scenarios: readonly Scenario[] = [
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
    name: 'cancel-mid-run',
    submission: {
      category,
      plan: [markdown('first'), markdown('hangs', ['first'], '[[stand-in: hang]]'), markdown('never', ['hangs'])],
    },
    ends: ['canceled'],
    meanwhile: async (stage, task) => {
      await stage.reached(task, 'hangs', 'running');
      await stage.cancel(task);
    },
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
    name: 'analysed-by-a-model',
    submission: { plan: [markdown('only')] },
    ends: ['completed'],
  },
];
