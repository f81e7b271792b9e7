import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, orgPolicy } from './schemas.ts';

test('an org without a policy gets the defaults', () => {
  expect(defaultPolicy).toMatchObject({
    requiredGates: null,
    approvals: { mayDecide: ['main-coordinator', 'operator'], deadlineMinutes: 480, onSilence: 'pause' },
    budget: { taskNanoUsd: null, monthlyNanoUsd: null },
    limits: { concurrentAssignments: 100, weight: 1 },
  });
});

test('a policy names only what differs', () => {
  expect(orgPolicy.parse({ approvals: { onSilence: 'approve' } })).toEqual({
    ...defaultPolicy,
    approvals: { ...defaultPolicy.approvals, onSilence: 'approve' },
  });
});

describe('a policy is refused', () => {
  test.each([
    ['that lets an agent decide', { approvals: { mayDecide: ['agent'] } }],
    ['that lets nobody decide', { approvals: { mayDecide: [] } }],
    ['with an unknown gate', { requiredGates: ['vibes'] }],
    ['whose gates come twice', { requiredGates: ['security', 'security'] }],
    ['whose ladder has no step', { escalation: { ladder: [] } }],
    [
      'whose ladder does not climb',
      { escalation: { ladder: [10, 10].map((afterMinutes) => ({ party: 'human', afterMinutes })) } },
    ],
    ['with a negative budget', { budget: { taskNanoUsd: '-1' } }],
    ['with a field that does not exist', { budgets: {} }],
  ])('%s', (_name, given) => {
    expect(orgPolicy.safeParse(given).success).toBe(false);
  });
});
