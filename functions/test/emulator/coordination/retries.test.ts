import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { directiveFor } from '../../../src/coordination/directive.ts';
import { listAssignments, listDeadLetters, readEvents } from '../../../src/coordination/index.ts';
import { runAssignment } from '../../../src/coordination/run-assignment.ts';
import { assignmentEventBody, type TaskId } from '../../../src/coordination/schemas.ts';
import { findAssignment, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import { beforeDatabaseCloses, observe, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
  observe(undefined);
});
beforeDatabaseCloses(() => team.stop());

const node = (id: string, rest: object = {}) => ({
  id,
  specialist: 'nodejs-expert',
  title: `Do ${id}`,
  artifactKind: 'markdown',
  ...rest,
});
const submitted = (title: string, rest: object = {}) =>
  team.submit({ title, category: 'performance', plan: [node('only')], ...rest });
const asked = () => team.providers.requests().length;
const releasesOf = async (id: TaskId) => {
  const { events } = await readEvents(org, id, { pageSize: 500 });
  return events.flatMap(({ event }) => {
    if (event.type !== 'assignment.released') return [];
    const parsed = assignmentEventBody.parse(event);
    return parsed.type === 'assignment.released' ? [{ at: event.at, retryAt: parsed.data.retryAt }] : [];
  });
};
const lettersOf = async (id: TaskId) =>
  (await listDeadLetters(org, { pageSize: 100 })).deadLetters.filter(({ messageId }) => messageId.startsWith(id));

/** A fault of ours in the next so many calls of a model; counts how often it struck. */
const bugInCalls = (times: number): (() => number) => {
  let struck = 0;
  const before = (kind: string) => {
    if (kind !== 'llm.call' || struck >= times) return;
    struck += 1;
    throw new TypeError('undefined is not a function');
  };
  observe({ before, after: () => undefined });
  return () => struck;
};

describe('an error that nobody foresaw', () => {
  test('fails the work after three tries, and the work is kept as a dead letter with its reason', async () => {
    const struck = bugInCalls(100);
    const { id } = await submitted('bug-case');
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'platform.internal' } });
    expect(struck()).toBe(3);
    const [letter, ...others] = await until(async () => {
      const letters = await lettersOf(id);
      return letters.length > 0 ? letters : undefined;
    });
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      source: 'coordination.poison',
      reason: { code: 'platform.internal' },
      payload: JSON.stringify({ org, task: id, assignment: 'only' }),
    });
    expect(team.failures).toEqual([]);
  });

  test('leaves its dead letter, one, also when the run dies while it says so', async () => {
    let struck = 0;
    let commits = 0;
    const before = (kind: string) => {
      if (kind === 'llm.call' && ++struck > 0) throw new TypeError('undefined is not a function');
      if (kind === 'firestore.commit' && struck === 3 && ++commits === 2) throw new Error('It died.');
    };
    observe({ before, after: () => undefined });
    const { id } = await submitted('bug-and-death');
    await until(() => Promise.resolve(team.failures.splice(0)[0]));
    await until(async () => {
      await team.advance(id);
      return (await team.stored(id)).value.state === 'failed' ? true : undefined;
    });
    expect(await lettersOf(id)).toMatchObject([{ reason: { code: 'platform.internal' } }]);
  });

  test('is not the third one when it comes after two tries that failed as providers were busy', async () => {
    team.providers.setFaults([{ contains: 'busy-then-bug', fault: { kind: '529' }, times: 6 }]);
    let calls = 0;
    const before = (kind: string) => {
      if (kind === 'llm.call' && ++calls === 7) throw new TypeError('undefined is not a function');
    };
    observe({ before, after: () => undefined });
    const { id } = await submitted('busy-then-bug');
    expect((await team.over(id)).state).toBe('completed');
    const [only] = await listAssignments(org, id);
    expect(only).toMatchObject({ epoch: 4, failedTries: 3, lastFault: { fault: 'bug', times: 1 } });
    expect(await lettersOf(id)).toEqual([]);
  });

  test('that does not come again costs a try, no more', async () => {
    bugInCalls(1);
    const { id } = await submitted('bug-once');
    expect((await team.over(id)).state).toBe('completed');
    expect((await listAssignments(org, id))[0]).toMatchObject({ epoch: 2, failedTries: 1 });
    expect(await lettersOf(id)).toEqual([]);
  });
});

describe('providers that are busy', () => {
  test('are not asked again before the time that they name', async () => {
    team.providers.setFaults([{ contains: 'busy-case', fault: { kind: '429', retryAfterSeconds: 1 }, times: 3 }]);
    const { id } = await submitted('busy-case');
    expect((await team.over(id)).state).toBe('completed');
    const [released, ...others] = await releasesOf(id);
    expect(others).toEqual([]);
    const waitedMs = (released?.retryAt.getTime() ?? 0) - (released?.at.getTime() ?? 0);
    expect(waitedMs).toBeGreaterThan(900);
    expect(await lettersOf(id)).toEqual([]);
  });

  test('are given their time, however wrong the clock of the instance is that was refused', async () => {
    team.providers.setFaults([{ contains: 'clock-case', fault: { kind: '529' }, times: 3 }]);
    const rightNow = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => rightNow() - 180_000);
    const startedAt = rightNow();
    try {
      const { id } = await submitted('clock-case');
      expect((await team.over(id)).state).toBe('completed');
      const [released] = await releasesOf(id);
      expect(released?.retryAt.getTime()).toBeGreaterThan(startedAt);
    } finally {
      clock.mockRestore();
    }
  });
});

describe('a try that is to come', () => {
  const releasedUntil = async (id: TaskId, retryAt: Date): Promise<void> => {
    await team.dieWith(id, 'only');
    const held = await findAssignment(org, id, 'only');
    if (!held) throw new Error('The assignment is gone.');
    const failure = { code: 'llm.all_providers_failed', detail: 'All are busy.' };
    const data = { failure, fault: 'busy' as const, retryAt, calls: [] };
    const released = assignmentChange(held, [{ type: 'assignment.released', data }], new Date());
    await saveTask({ org, id, assignments: [released] });
  };

  /** What becomes of the message that a run came from, when it is delivered once more. */
  const meeting = async (inMs: number) => {
    team.deliveries = () => 0;
    const { id } = await submitted('to-come');
    const ready = await findAssignment(org, id, 'only');
    if (!ready) throw new Error('The assignment is gone.');
    await releasedUntil(id, new Date(Date.now() + inMs));
    const context = { gateway: team.gateway, messageId: 'again', timeoutMs: 60_000 };
    return runAssignment(directiveFor(ready, []), context);
  };

  test('soon has its message come again: whoever was to send another may have died', async () => {
    await expect(meeting(10_000)).rejects.toMatchObject({ row: { code: 'coordination.leased', retry: 'later' } });
  });

  test('only after a while is left to the sweeper', async () => {
    const before = asked();
    await meeting(600_000);
    expect(asked()).toBe(before);
  });
});

describe('what a retry cannot cure', () => {
  test('a model that declines fails the work at once', async () => {
    team.providers.setFaults([{ contains: 'refused-case', fault: { kind: 'content-filter' } }]);
    const before = asked();
    const { id } = await submitted('refused-case');
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'llm.refused' } });
    expect(asked() - before).toBe(1);
    expect(await releasesOf(id)).toEqual([]);
  });

  test('the time limit of an assignment ends it, tries and all', async () => {
    team.providers.setFaults([{ contains: 'slow-case', fault: { kind: 'hang' } }]);
    const { id } = await submitted('slow-case', { plan: [node('only', { timeoutSeconds: 1 })] });
    const task = await team.over(id);
    expect(task.state).toBe('failed');
    expect(task.failure?.code).toMatch(/deadline_exceeded$/);
  });
});

describe('the time limit of an assignment', () => {
  const slow = { plan: [node('only', { timeoutSeconds: 20 })] };

  test('leaves a run of ours time to end itself; one that hangs is cut off, and what it asked is on record (C2, C3)', async () => {
    team.providers.setFaults([{ contains: 'hanging-case', fault: { kind: 'hold' } }]);
    const { id } = await submitted('hanging-case', slow);
    await team.reached(id, 'only', 'running');
    await team.advance(id, 25_000);
    expect((await listAssignments(org, id))[0]).toMatchObject({ state: 'running', epoch: 1 });
    await team.advance(id, 55_000);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.deadline_exceeded' } });
    team.providers.setFaults([]);
    const failed = await until(async () => {
      const [only] = await listAssignments(org, id);
      return only?.lostCalls === 0 ? only : undefined;
    });
    expect(failed).toMatchObject({ state: 'failed', epoch: 2, result: null });
    expect(failed.calls).toHaveLength(1);
  });

  test('ends what a dead run held without another call, and the lost one counts as unknown (C3)', async () => {
    team.deliveries = () => 0;
    const { id } = await submitted('late-case', slow);
    await team.dieWith(id, 'only');
    await firestore()
      .doc(`orgs/${org}/tasks/${id}/assignments/only`)
      .update({ startedAt: new Date(0) });
    team.deliveries = () => 1;
    const before = asked();
    await until(async () => {
      await team.advance(id);
      return (await team.stored(id)).value.state === 'failed' ? true : undefined;
    });
    expect(await team.over(id)).toMatchObject({ failure: { code: 'coordination.deadline_exceeded' } });
    expect(asked()).toBe(before);
    expect((await listAssignments(org, id))[0]).toMatchObject({ state: 'failed', lostCalls: 1 });
  });
});

describe('work that ends every run that tries it', () => {
  test('gets no eleventh run: it fails as poison and is kept as a dead letter', async () => {
    const before = asked();
    team.deliveries = () => 0;
    const { id } = await submitted('poison-case');
    for (let death = 1; death <= 10; death++) await team.dieWith(id, 'only', `dead-${death}`);
    team.deliveries = () => 1;
    await until(async () => {
      await team.advance(id);
      return (await team.stored(id)).value.state === 'failed' ? true : undefined;
    });
    expect(await team.over(id)).toMatchObject({ failure: { code: 'coordination.poison' } });
    expect(asked()).toBe(before);
    expect(await lettersOf(id)).toMatchObject([{ reason: { code: 'coordination.poison' } }]);
    expect((await listAssignments(org, id))[0]).toMatchObject({ state: 'failed', lostCalls: 10 });
  });
});
