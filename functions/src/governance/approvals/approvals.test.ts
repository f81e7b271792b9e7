import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../platform/errors.ts';
import { orgId, roles } from '../../platform/schemas.ts';
import { defaultPolicy } from '../policy/schemas.ts';
import { expire, remind, newApproval, outcomeOf, withdraw, type ApprovalDraft } from './approval-state.ts';
import { decide, delegateTo, type Verdict } from './decide.ts';
import { approval, type Actor, type Approval, type Delegate } from './schemas.ts';

const start = new Date('2026-11-22T12:00:00Z');
const minute = (count: number) => new Date(start.getTime() + count * 60_000);

const draft: ApprovalDraft = {
  org: orgId.parse('acme'),
  key: 'waive',
  task: 'tsk_00000000000000000000',
  subject: { kind: 'waiver', gate: 'backup', reason: 'There is nothing to back up.' },
  reason: 'The backup gate cannot be met.',
  requestedBy: { kind: 'person', uid: 'ann', role: 'operator' },
  policy: { ...defaultPolicy.approvals, deadlineMinutes: 60, onSilence: 'reject' },
};
const pending = newApproval(draft, start);

const ann: Actor = { uid: 'ann', role: 'operator' };
const bob: Actor = { uid: 'bob', role: 'operator' };
const cat: Actor = { uid: 'cat', role: 'main-coordinator' };
const dan: Actor = { uid: 'dan', role: 'member' };

const yes: Verdict = { state: 'approved', comment: 'Fine.', rework: false };
const no: Verdict = { state: 'rejected', comment: 'Try again.', rework: true };

/** The code of the error that a change is refused with. */
const refusal = (change: () => Approval): string => {
  try {
    return `not refused: ${change().state}`;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};

describe('a new request', () => {
  test('waits for those whom the policy names, until its deadline (A2)', () => {
    expect(pending).toMatchObject({
      state: 'pending',
      mayDecide: ['main-coordinator', 'operator'],
      deadlineAt: minute(60),
      remindAt: minute(30),
      wakeAt: minute(30),
      onSilence: 'reject',
    });
    expect(outcomeOf(pending)).toBe('pending');
  });

  test('has the id of every other request of its org with its key, and of none else', () => {
    const id = (rest: Partial<ApprovalDraft>) => newApproval({ ...draft, ...rest }, minute(1)).id;
    expect(id({ reason: 'In other words.' })).toBe(pending.id);
    expect(new Set([pending.id, id({ key: 'other' }), id({ org: orgId.parse('other') })]).size).toBe(3);
  });

  test('may end earlier than the policy says', () => {
    const hurried = newApproval({ ...draft, deadlineAt: minute(5) }, start);
    expect([hurried.deadlineAt, hurried.remindAt, hurried.wakeAt]).toEqual([minute(5), minute(2.5), minute(2.5)]);
  });
});

describe('a decision', () => {
  test('approves', () => {
    const after = decide(pending, bob, yes, minute(1));
    expect(after).toMatchObject({
      state: 'approved',
      decision: { by: bob, at: minute(1), comment: 'Fine.', rework: false },
      wakeAt: null,
    });
    expect(outcomeOf(after)).toBe('granted');
  });

  test('rejects, with the wish for rework', () => {
    const after = decide(pending, cat, no, minute(1));
    expect(after).toMatchObject({ state: 'rejected', decision: { by: cat, rework: true } });
    expect(outcomeOf(after)).toBe('refused');
  });

  test('that is repeated changes nothing (A6)', () => {
    const after = decide(pending, bob, yes, minute(1));
    expect(decide(after, bob, { ...yes, comment: 'Really.' }, minute(2))).toBe(after);
    expect(decide(after, bob, yes, minute(61))).toBe(after);
  });

  test('that contradicts one that was taken is refused, whoever takes it (A1, A6)', () => {
    const after = decide(pending, bob, yes, minute(1));
    expect(refusal(() => decide(after, bob, no, minute(2)))).toBe('governance.approval_is_over');
    expect(refusal(() => decide(after, cat, no, minute(2)))).toBe('governance.approval_is_over');
    expect(refusal(() => decide(after, cat, yes, minute(2)))).toBe('governance.approval_is_over');
  });

  test('comes too late from the deadline on, expired or not', () => {
    expect(decide(pending, bob, yes, new Date(minute(60).getTime() - 1)).state).toBe('approved');
    expect(refusal(() => decide(pending, bob, yes, minute(60)))).toBe('governance.approval_is_over');
    expect(refusal(() => decide(expire(pending, minute(60)), bob, yes, minute(61)))).toBe(
      'governance.approval_is_over',
    );
  });

  test('is not for who asked (A5)', () => {
    expect(refusal(() => decide(pending, ann, yes, minute(1)))).toBe('governance.not_yours_to_decide');
  });

  test('on what an agent asked for is for anybody with the role', () => {
    const asked = newApproval({ ...draft, requestedBy: { kind: 'agent', id: 'ann' } }, start);
    expect(decide(asked, ann, yes, minute(1)).state).toBe('approved');
  });

  test('is not for a role that the policy does not name', () => {
    expect(refusal(() => decide(pending, dan, yes, minute(1)))).toBe('governance.not_yours_to_decide');
    const other = newApproval({ ...draft, policy: { ...draft.policy, mayDecide: ['member'] } }, start);
    expect(decide(other, dan, yes, minute(1)).state).toBe('approved');
    expect(refusal(() => decide(other, bob, yes, minute(1)))).toBe('governance.not_yours_to_decide');
  });
});

describe('a delegation', () => {
  test('lets one person decide, and no other of their role (A4)', () => {
    const after = delegateTo(pending, bob, { uid: 'dan' }, minute(1));
    expect(decide(after, dan, yes, minute(2)).decision?.by).toEqual(dan);
    expect(refusal(() => decide(after, { ...dan, uid: 'eve' }, yes, minute(2)))).toBe('governance.not_yours_to_decide');
  });

  test('lets everybody of a role decide, and the named roles still', () => {
    const after = delegateTo(pending, bob, { role: 'member' }, minute(1));
    expect(decide(after, dan, yes, minute(2)).state).toBe('approved');
    expect(decide(after, cat, yes, minute(2)).state).toBe('approved');
  });

  test('does not take a person’s id for a role', () => {
    const after = delegateTo(pending, bob, { uid: 'member' }, minute(1));
    expect(refusal(() => decide(after, dan, yes, minute(2)))).toBe('governance.not_yours_to_decide');
  });

  test('never lets an agent decide (A4)', () => {
    const after = delegateTo(pending, bob, { uid: 'robot' }, minute(1));
    const robot: Actor = { uid: 'robot', role: 'agent' };
    expect(refusal(() => decide(after, robot, yes, minute(2)))).toBe('governance.not_yours_to_decide');
  });

  test('may be passed on, and the last one counts', () => {
    const first = delegateTo(pending, bob, { uid: 'dan' }, minute(1));
    const second = delegateTo(first, dan, { uid: 'eve' }, minute(2));
    expect(second.history.map(({ type }) => type)).toEqual(['requested', 'delegated', 'delegated']);
    expect(refusal(() => decide(second, dan, yes, minute(3)))).toBe('governance.not_yours_to_decide');
  });

  test('is not for who asked, and not to them (A5)', () => {
    expect(refusal(() => delegateTo(pending, ann, { uid: 'dan' }, minute(1)))).toBe('governance.not_yours_to_decide');
    expect(refusal(() => delegateTo(pending, bob, { uid: 'ann' }, minute(1)))).toBe('platform.invalid_input');
  });

  test('that is repeated changes nothing', () => {
    const after = delegateTo(pending, bob, { uid: 'dan' }, minute(1));
    expect(delegateTo(after, cat, { uid: 'dan' }, minute(2))).toBe(after);
  });

  test('cannot go on forever', () => {
    const circle = (approval: Approval, round: number) =>
      delegateTo(approval, bob, { uid: `u${round % 2}` }, minute(1));
    const rounds = (count: number) => Array.from({ length: count }, (_, round) => round).reduce(circle, pending);
    expect(rounds(49).history).toHaveLength(50);
    expect(refusal(() => rounds(50))).toBe('governance.too_many_delegations');
  });
});

describe('silence', () => {
  test.each([
    ['reject', 'refused'],
    ['approve', 'granted'],
  ] as const)('stands for %s, when the policy says so: %s', (onSilence, outcome) => {
    const asked = newApproval({ ...draft, policy: { ...draft.policy, onSilence } }, start);
    const after = expire(asked, minute(60));
    expect(after).toMatchObject({ state: 'expired', decision: null, wakeAt: null });
    expect(after.history.at(-1)).toEqual({ type: 'expired', at: minute(60), effect: onSilence });
    expect(outcomeOf(after)).toBe(outcome);
  });

  test('before the deadline is no silence', () => {
    expect(expire(pending, minute(59))).toBe(pending);
  });

  test('after a decision changes nothing', () => {
    const after = decide(pending, bob, yes, minute(1));
    expect(expire(after, minute(99))).toBe(after);
  });
});

describe('a reminder', () => {
  const asked = (onSilence: Approval['onSilence'], minutes = 240) =>
    newApproval({ ...draft, policy: { ...draft.policy, onSilence }, deadlineAt: minute(minutes) }, start);

  test('comes after half of the time, and then the request waits for its deadline (A7)', () => {
    const request = asked('reject', 60);
    expect(remind(request, minute(29))).toBe(request);
    const after = remind(request, minute(30));
    expect(after).toMatchObject({ state: 'pending', remindAt: null, wakeAt: minute(60) });
    expect(after.history.at(-1)).toEqual({ type: 'reminded', at: minute(30) });
    expect(remind(after, minute(45))).toBe(after);
  });

  test('comes twice when silence pauses the task, which then ends the request (A2, A7)', () => {
    const first = remind(asked('pause'), minute(30));
    expect(first).toMatchObject({ remindAt: minute(60), wakeAt: minute(60) });
    const second = remind(first, minute(60));
    expect(second).toMatchObject({ state: 'pending', remindAt: null, wakeAt: null });
    expect(expire(second, minute(240))).toBe(second);
    expect(decide(second, bob, yes, minute(239)).state).toBe('approved');
  });

  test('is not sent of what was decided or is too late', () => {
    const decided = decide(asked('pause'), bob, yes, minute(1));
    expect(remind(decided, minute(30))).toBe(decided);
    const late = asked('pause');
    expect(remind(late, minute(240))).toBe(late);
  });
});

describe('a request whose task is over', () => {
  const after = withdraw(pending, minute(5));

  test('is withdrawn, refused and never looked at again (A2)', () => {
    expect(after).toMatchObject({ state: 'withdrawn', decision: null, wakeAt: null });
    expect(after.history.at(-1)).toEqual({ type: 'withdrawn', at: minute(5) });
    expect(outcomeOf(after)).toBe('refused');
  });

  test('is neither decided nor delegated (A1)', () => {
    expect(refusal(() => decide(after, bob, yes, minute(6)))).toBe('governance.approval_is_over');
    expect(refusal(() => delegateTo(after, bob, { uid: 'dan' }, minute(6)))).toBe('governance.approval_is_over');
  });

  test('stays decided when it was', () => {
    const decided = decide(pending, bob, yes, minute(1));
    expect(withdraw(decided, minute(5))).toBe(decided);
  });
});

type Step = (approval: Approval, now: Date) => Approval;

const people = fc.constantFrom('ann', 'bob', 'cat', 'dan');
const actors = fc.record({ uid: people, role: fc.constantFrom(...roles) });
const delegates = fc.oneof(
  fc.record({ uid: people }),
  fc.record({ role: fc.constantFrom<'operator' | 'member'>('operator', 'member') }),
) as fc.Arbitrary<Delegate>;
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(actors, fc.constantFrom(yes, no)).map(
    ([by, verdict]): Step =>
      (each, now) =>
        decide(each, by, verdict, now),
  ),
  fc.tuple(actors, delegates).map(
    ([by, to]): Step =>
      (each, now) =>
        delegateTo(each, by, to, now),
  ),
  fc.constant<Step>(expire),
  fc.constant<Step>(remind),
  fc.constant<Step>(withdraw),
);

/** What a request goes through when such steps are tried, one a few minutes after the other; refused ones change nothing. */
const lives = fc.array(fc.tuple(steps, fc.integer({ min: 0, max: 20 })), { maxLength: 20 }).map((all) => {
  let passed = 0;
  return all.reduce<Approval[]>(
    (life, [step, minutes]) => {
      const before = life.at(-1) ?? pending;
      passed += minutes;
      try {
        return [...life, step(before, minute(passed))];
      } catch (error) {
        if (error instanceof AppError) return life;
        throw error;
      }
    },
    [pending],
  );
});
const pairs = (life: readonly Approval[]) =>
  life.slice(1).map((after, index) => [life[index] ?? pending, after] as const);

describe('the life of a request', () => {
  test('never leaves a terminal state (A1)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const [before, after] of pairs(life)) if (before.state !== 'pending') expect(after).toBe(before);
      }),
    );
  });

  test('holds one decision at most, by somebody who may take it (A1, A4, A5)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { history, state, decision } = life.at(-1) ?? pending;
        const decided = history.filter(({ type }) => type === 'approved' || type === 'rejected');
        expect(decided).toHaveLength(decision === null ? 0 : 1);
        expect(decision !== null).toBe(state === 'approved' || state === 'rejected');
        expect(decision?.by.uid).not.toBe('ann');
        expect(decision?.by.role).not.toBe('agent');
      }),
    );
  });

  test('is told by its history, which only grows (A3)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const [before, after] of pairs(life)) {
          expect(after.history.slice(0, before.history.length)).toEqual(before.history);
          expect(after.history.length - before.history.length).toBe(after === before ? 0 : 1);
        }
      }),
    );
  });

  test('has a time at which the sweeper looks until it is over, and stays a record that can be read (A2)', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const each of life) {
          expect(each.wakeAt === null).toBe(each.state !== 'pending');
          expect(approval.parse(each)).toEqual(each);
        }
      }),
    );
  });

  test('reaches every state', () => {
    const reached = fc.sample(lives, { numRuns: 500, seed: 7 }).flatMap((life) => life.map(({ state }) => state));
    expect([...new Set(reached)].sort()).toEqual(['approved', 'expired', 'pending', 'rejected', 'withdrawn']);
  });
});
