import { describe, expect, test } from '@jest/globals';
import type { Escalation } from '../governance/schemas.ts';
import { isSettled } from './settled-cause.ts';
import { someAssignment } from './test-records.ts';

const review = someAssignment({ id: 'review', state: 'succeeded' });
const again = someAssignment({ id: 'review-2', supersedes: 'review', state: 'succeeded' });
const seenIn = (trigger: Escalation['trigger'], ...refs: string[]) => ({
  trigger,
  evidence: refs.map((ref) => ({ source: 'artifact' as const, ref, detail: 'high' })),
});
const finding = seenIn('security-vulnerability', 'review#/findings/0');

describe('the finding of a review', () => {
  test('is settled once a later round of it has been done, not before', () => {
    expect(isSettled(finding, [review])).toBe(false);
    expect(isSettled(finding, [review, { ...again, state: 'running' }])).toBe(false);
    expect(isSettled(finding, [review, again])).toBe(true);
  });

  test('is open when the later round found something, too', () => {
    const both = seenIn('security-vulnerability', 'review-2#/findings/0', 'review#/findings/0');
    expect(isSettled(both, [review, again])).toBe(false);
  });
});

describe('the loss of data', () => {
  const loss = seenIn('data-loss-risk', 'model#/collections');

  test('is settled once the model that drops it has been approved', () => {
    const model = someAssignment({ id: 'model', state: 'awaiting_approval' });
    expect(isSettled(loss, [model])).toBe(false);
    expect(isSettled(loss, [{ ...model, state: 'succeeded' }])).toBe(true);
  });
});

test.each([
  ['a person said', [{ source: 'person' as const, ref: 'review', detail: 'It leaks.' }]],
  ['was spent', [{ source: 'spend' as const, ref: 'review', detail: 'Twice as much.' }]],
  ['nobody has shown', []],
])('nothing settles what %s', (_, evidence) => {
  expect(isSettled({ trigger: 'security-vulnerability', evidence }, [review, again])).toBe(false);
});
