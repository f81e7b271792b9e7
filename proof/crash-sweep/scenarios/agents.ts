// Work of which an agent of the org's own does a part.
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage, StagedTask } from '../stage.ts';
import { category, markdown, type Scenario } from './scenario.ts';

const agent = {
  id: 'scribe',
  kind: 'pull',
  name: 'Scribe',
  summary: 'Writes down what was asked.',
  skills: ['minutes'],
  responsibilities: ['Minutes'],
  produces: ['markdown'],
  limits: { leaseSeconds: 10 },
};

const output = {
  summary: 'Took the minutes.',
  artifact: { kind: 'markdown', title: 'Minutes', content: '# Minutes\n\nNothing was decided.\n' },
};

interface Work {
  readonly task: string;
  readonly assignment: string;
  readonly lease: { readonly token: string; readonly epoch: number };
}

const isOver = async (stage: Stage, task: StagedTask) => (await stage.stateOf(task)).over;

const againMs = 200;

/** Asks for work and delivers what it gets, until the task is over. A lease that is lost is another's affair. */
const work = async (stage: Stage, task: StagedTask): Promise<StagedTask> => {
  const as = { org: task.org, role: 'agent' as const, uid: agent.id };
  for (; !(await isOver(stage, task)); await pause(againMs)) {
    const claimed = (await stage.ask({ as, call: `POST /v1/agents/${agent.id}/claim`, body: {} })) as Work | undefined;
    if (!claimed) continue;
    const { task: id, assignment, lease } = claimed;
    const { token, epoch } = lease;
    const call = `POST /v1/tasks/${id}/assignments/${assignment}/complete`;
    await stage.ask({ as, call, body: { lease: { token, epoch }, output } });
  }
  return task;
};

export const withAgents: readonly Scenario[] = [
  {
    name: 'external-agent',
    submission: {
      category,
      plan: [
        markdown('first'),
        { ...markdown('minutes', ['first']), specialist: agent.id },
        markdown('after', ['minutes']),
      ],
    },
    ends: ['completed'],
    before: async (stage, org) => {
      await stage.ask({ as: { org, role: 'operator' }, call: 'POST /v1/agents', body: agent });
    },
    meanwhile: work,
  },
];
