import { describe, expect, test } from '@jest/globals';
import { assignmentChange } from './changes.ts';
import { heldIfPaused } from './hold.ts';
import { assignmentStates } from './schemas.ts';
import { at, someAssignment } from './test-records.ts';

const created = assignmentChange(undefined, [{ type: 'assignment.created', data: someAssignment() }], at);

describe('a change that sets work free', () => {
  test('holds it in the same commit while the task is paused', () => {
    const { after, events } = heldIfPaused({ state: 'paused' }, created);
    expect(after).toMatchObject({ state: 'paused', seq: 2 });
    expect(events.map(({ type }) => type)).toEqual(['assignment.created', 'assignment.paused']);
  });

  test('is left as it is while the task is at work', () => {
    expect(heldIfPaused({ state: 'working' }, created)).toBe(created);
  });
});

describe('what cannot be started anyway', () => {
  test.each(assignmentStates.filter((state) => state !== 'ready' && state !== 'blocked'))('%s is not held', (state) => {
    const change = { ...created, after: someAssignment({ state }) };
    expect(heldIfPaused({ state: 'paused' }, change)).toBe(change);
  });
});
