import { describe, expect, test } from '@jest/globals';
import { gateIds, type GateStatus, type GateVerdict } from '../governance/schemas.ts';
import { progressOf, relatedPads, teamOf } from './progress.ts';
import type { Assignment } from './schemas.ts';

type Work = Pick<Assignment, 'specialist' | 'title' | 'state' | 'artifactKind'>;

/** Of an assignment only what the page shows. */
const work = (artifactKind: Work['artifactKind'], state: Work['state']): Assignment =>
  ({ specialist: 'nodejs-expert', title: artifactKind, state, artifactKind }) as Assignment;

const verdicts = (statuses: Partial<Record<GateVerdict['gate'], GateStatus>>): GateVerdict[] =>
  gateIds.map((gate) => ({
    gate,
    version: 1,
    policyVersion: 0,
    title: gate,
    required: true,
    status: statuses[gate] ?? 'no_evidence',
    evidence: [],
    needed: [],
  }));

const all = (status: GateStatus) => verdicts(Object.fromEntries(gateIds.map((gate) => [gate, status])));

const nowhere = { staging: false, production: false };

const ticked = (assignments: readonly Assignment[], gates: readonly GateVerdict[], deployed = nowhere): string[] =>
  progressOf(assignments, gates, deployed).flatMap(({ item, done }) => (done ? [item] : []));

describe('the checklist', () => {
  test('has the seven items of the specification, none ticked at the start', () => {
    expect(progressOf([], [], nowhere).map(({ item }) => item)).toEqual([
      'API design approved',
      'Security review complete',
      'Implementation done',
      'Tests written',
      'Performance validated',
      'Deployed to staging',
      'Production ready',
    ]);
    expect(ticked([], [])).toEqual([]);
    expect(ticked([], verdicts({}))).toEqual([]);
  });

  test.each([
    ['documentation', 'API design approved'],
    ['security', 'Security review complete'],
    ['tests', 'Tests written'],
    ['performance', 'Performance validated'],
  ] as const)('ticks by the gate %s “%s”, and only when it has passed', (gate, item) => {
    expect(ticked([], verdicts({ [gate]: 'passed' }))).toEqual([item]);
    for (const status of ['failed', 'waived', 'no_evidence'] as const) {
      expect(ticked([], verdicts({ [gate]: status }))).toEqual([]);
    }
  });

  test('ticks the implementation when everything that is built has succeeded; designs and reviews are not built', () => {
    const reviewed = [work('openapi', 'succeeded'), work('security-review', 'running')];
    expect(ticked(reviewed, [])).toEqual([]);
    expect(ticked([...reviewed, work('typescript', 'succeeded')], [])).toEqual(['Implementation done']);
    expect(ticked([work('typescript', 'succeeded'), work('security-rules', 'failed')], [])).toEqual([]);
  });

  test('ticks by where the work runs, and no other box by that', () => {
    expect(ticked([], [], { staging: true, production: false })).toEqual(['Deployed to staging']);
    expect(ticked([], verdicts({}), { staging: false, production: true })).toEqual(['Production ready']);
  });

  test('calls it ready for production when no gate is open', () => {
    expect(ticked([], all('passed'))).toContain('Production ready');
    expect(ticked([], all('waived'))).toEqual(['Production ready']);
    const [, ...rest] = all('passed');
    expect(ticked([], [...rest, ...verdicts({}).slice(0, 1)])).not.toContain('Production ready');
  });
});

test('the team has a line for each specialist, with all its work', () => {
  expect(
    teamOf(
      [work('typescript', 'running'), work('security-rules', 'ready')],
      [{ id: 'nodejs-expert', name: 'Node.js Expert' }],
    ),
  ).toEqual([{ name: 'Node.js Expert', work: 'typescript (running); security-rules (ready)' }]);
});

test('contracts and reviews of the plan imply the pads that they are on', () => {
  expect(relatedPads([work('openapi', 'ready'), work('security-review', 'ready')])).toEqual([
    'API Design',
    'Security Review',
  ]);
  expect(relatedPads([work('typescript', 'ready')])).toEqual([]);
});
