import { describe, expect, test } from '@jest/globals';
import type { Evidence, GateVerdict } from '../governance/schemas.ts';
import { failsByWork } from './task-gates.ts';

type Piece = Pick<Evidence, 'source' | 'outcome'> & { decides?: boolean };

const verdictOf = (status: GateVerdict['status'], ...pieces: Piece[]): GateVerdict => ({
  gate: 'security',
  version: 1,
  policyVersion: 0,
  title: 'Security',
  required: true,
  status,
  evidence: pieces.map(({ decides = true, ...piece }) => ({
    ...{ ...piece, decides, subject: 'it', ref: 'it', detail: '', at: new Date(0), outdated: false, interested: false },
    by: { kind: 'key', key: 'key_1', name: 'CI' },
  })),
  needed: [],
});

describe('a gate fails by the work of the team', () => {
  test.each(['verdict', 'validator'] as const)('when a %s has failed it, whatever CI says', (source) => {
    expect(failsByWork(verdictOf('failed', { source, outcome: 'failed' }))).toBe(true);
    const passed = { source: 'attestation', outcome: 'passed' } as const;
    expect(failsByWork(verdictOf('failed', passed, { source, outcome: 'failed' }))).toBe(true);
  });

  test.each(['attestation', 'human'] as const)('not when %s has failed it beside a review that passes', (source) => {
    const passes = { source: 'verdict', outcome: 'passed' } as const;
    expect(failsByWork(verdictOf('failed', passes, { source, outcome: 'failed' }))).toBe(false);
  });

  test('not by what does not decide', () => {
    const objection = { source: 'verdict', outcome: 'failed', decides: false } as const;
    expect(failsByWork(verdictOf('failed', objection, { source: 'human', outcome: 'failed' }))).toBe(false);
  });
});
