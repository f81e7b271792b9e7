import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { listAssignments, readEvents } from '../../../src/coordination/index.ts';
import type { Category } from '../../../src/coordination/delegation.ts';
import type { Assignment, TaskId } from '../../../src/coordination/schemas.ts';
import { standing } from '../../../src/coordination/standing.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.providers.setDefects([]);
});
beforeDatabaseCloses(() => team.stop());

let services = 0;
/** A task on a service of its own: what others have accepted is not its earlier version. */
const submitted = (title: string, category: Category = 'api-design') =>
  team.submit({ title, category, service: `service-${services++}` });
const reworked = (all: readonly Assignment[]) =>
  all.filter(({ supersedes, result }) => supersedes !== null && result?.verdict === null);
const growths = async (id: TaskId) =>
  (await readEvents(org, id, { pageSize: 500 })).events.filter(({ event }) => event.type === 'task.plan_extended');

/** A category whose template makes an artifact of the kind that a reviewer gets to see. */
const kinds: readonly (readonly [string, Category])[] = [
  ['service-boundaries', 'api-design'],
  ['openapi', 'api-design'],
  ['typescript', 'api-design'],
  ['security-rules', 'authentication'],
  ['firestore-schema', 'database-schema'],
  ['markdown', 'database-schema'],
  ['llm-design', 'llm-integration'],
  ['prompt-template', 'llm-integration'],
];

describe('a defect that reviewers see until it is gone', () => {
  test.each(kinds)(
    'in a %s of a task of the category %s is reworked there, and the task completes',
    async (kind, category) => {
      const title = `One with a defect in its ${kind}`;
      team.providers.setDefects([{ task: title, kind }]);
      const { id } = await submitted(title, category);
      expect(await team.over(id)).toMatchObject({ state: 'completed' });
      const all = await listAssignments(org, id);
      expect(reworked(all).map(({ artifactKind }) => artifactKind)).toContain(kind);
      const reviews = standing(all).filter(({ result }) => result?.verdict !== null);
      expect(reviews.map(({ result }) => result?.verdict)).toEqual(reviews.map(() => 'pass'));
      expect(team.failures).toEqual([]);
    },
  );

  test.each(['typescript', 'security-rules'])('in a %s has nothing else made again', async (kind) => {
    const title = `One whose ${kind} alone is defective`;
    team.providers.setDefects([{ task: title, kind }]);
    const { id } = await submitted(title);
    await team.over(id);
    expect(reworked(await listAssignments(org, id)).map(({ artifactKind }) => artifactKind)).toEqual([kind]);
  });

  test('in two artifacts at once is reworked in both, side by side, for one objection', async () => {
    const title = 'One with two defects';
    team.providers.setDefects([
      { task: title, kind: 'typescript', seenBy: ['security-review'] },
      { task: title, kind: 'security-rules', seenBy: ['security-review'] },
    ]);
    const { id } = await submitted(title);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await listAssignments(org, id);
    expect(
      reworked(all)
        .map(({ artifactKind }) => artifactKind)
        .sort(),
    ).toEqual(['security-rules', 'typescript']);
    expect(await growths(id)).toHaveLength(1);
  });

  test('in the contract has what was built on it made again with the new contract at hand', async () => {
    const title = 'One with a defective contract';
    team.providers.setDefects([{ task: title, kind: 'openapi' }]);
    const { id } = await submitted(title);
    expect(await team.over(id)).toMatchObject({ state: 'completed' });
    const all = await listAssignments(org, id);
    const contract = all.find(({ supersedes }) => supersedes === 'contract');
    for (const { artifactKind, dependsOn } of reworked(all).filter((each) => each.id !== contract?.id)) {
      expect([artifactKind, dependsOn]).toEqual([artifactKind, expect.arrayContaining([contract?.id])]);
    }
    expect(new Set(reworked(all).map(({ artifactKind }) => artifactKind))).toEqual(
      new Set(['openapi', 'typescript', 'security-rules']),
    );
  });

  test('and that its author never mends ends the task after a bounded number of reworks', async () => {
    const title = 'One whose author does not learn';
    team.providers.setDefects([{ task: title, kind: 'typescript', stubborn: true, seenBy: ['security-review'] }]);
    const { id } = await submitted(title);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
    expect(reworked(await listAssignments(org, id))).toHaveLength(2);
  });
});
