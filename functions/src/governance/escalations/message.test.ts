import { describe, expect, test } from '@jest/globals';
import { lateralBody, upwardBody } from '../../communication/schemas.ts';
import { orgId } from '../../platform/schemas.ts';
import { messageTo } from './message.ts';
import type { Escalation } from './schemas.ts';

const at = new Date('2026-11-22T10:00:00Z');
const escalation: Escalation = {
  id: 'esc_00000000000000000001_1',
  org: orgId.parse('acme'),
  task: 'tsk_00000000000000000001',
  trigger: 'compliance',
  subject: 'users',
  cause: '00000000000000000001',
  generation: 1,
  severity: 'high',
  title: 'Data that needs care lacks 1 safeguard',
  evidence: [{ source: 'artifact', ref: 'model#/collections/0', detail: 'users has no rule' }],
  occurrences: 3,
  lastSeenAt: at,
  state: 'open',
  ladder: [
    { party: 'peer', afterMinutes: 0 },
    { party: 'human', afterMinutes: 30 },
  ],
  ladderFrom: null,
  step: 1,
  defaultOnSilence: 'stop',
  lapsedAt: null,
  acknowledgement: null,
  resolution: null,
  history: [],
  createdAt: at,
  wakeAt: at,
};

describe('the message of a step', () => {
  test('goes to the peer of the trigger in the lateral shape', () => {
    const draft = messageTo('peer', escalation);
    expect(draft).toMatchObject({ kind: 'lateral', task: escalation.task, subject: `escalations/${escalation.id}` });
    expect(lateralBody.parse(draft.body)).toEqual({
      from: 'backend-coordinator',
      to: 'quality-coordinator',
      type: 'escalation',
      content: {
        escalation: escalation.id,
        trigger: 'compliance',
        severity: 'high',
        occurrences: 3,
        title: escalation.title,
        evidence: ['model#/collections/0: users has no rule'],
      },
    });
  });

  test('goes up in the upward shape, with what is wrong as concerns', () => {
    const draft = messageTo('main-coordinator', escalation);
    expect(upwardBody.parse(draft.body)).toMatchObject({
      status: 'escalation',
      summary: 'high: Data that needs care lacks 1 safeguard',
      metrics: { party: 'main-coordinator', occurrences: 3 },
      concerns: ['Compliance issues arise', 'model#/collections/0: users has no rule'],
    });
  });

  test('says at the last step what silence will do', () => {
    const { body } = messageTo('human', { ...escalation, step: 2 });
    expect(upwardBody.parse(body).concerns.slice(0, 2)).toEqual([
      'Nobody has acknowledged it so far: a person has to look at it.',
      'Without an answer the task is to be stopped.',
    ]);
  });

  test('has a key of its own for each time that somebody is told, also on the same step of a later ladder', () => {
    const begun = new Date(at.getTime() + 1);
    const places = [{ step: 1 }, { step: 2 }, { step: 1, ladderFrom: begun }, { step: 2, ladderFrom: begun }];
    const keys = places.map((place) => messageTo('human', { ...escalation, ...place }).key);
    expect(new Set(keys).size).toBe(places.length);
  });
});
