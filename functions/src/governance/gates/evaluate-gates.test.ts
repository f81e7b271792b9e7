import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateGates, openGates, type GateCriteria } from './evaluate-gates.ts';
import { acceptanceOf, gates } from './gates.ts';
import { evidenceSources, gateIds, type Evidence, type GateId, type GateVerdict } from './schemas.ts';

const now = new Date('2026-03-01T12:00:00Z');
const criteria: GateCriteria = { required: ['security', 'tests'], backupMaxAgeHours: 24, policyVersion: 3, now };
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

const said = (gate: GateId, rest: Partial<Evidence>): Evidence => ({
  gate,
  source: 'attestation',
  outcome: 'passed',
  subject: 'default',
  ref: 'att-1',
  by: { kind: 'key', key: 'key-1', name: 'CI' },
  at: hoursAgo(1),
  detail: '',
  outdated: false,
  interested: false,
  ...rest,
});

const verdictOn = (gate: GateId, evidence: readonly Evidence[]): GateVerdict => {
  const verdict = evaluateGates(evidence, criteria).find((each) => each.gate === gate);
  if (!verdict) throw new Error(`There is no verdict on ${gate}.`);
  return verdict;
};
const statusOf = (gate: GateId, ...evidence: Evidence[]) => verdictOn(gate, evidence).status;

const anyEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    gate: fc.constantFrom(...gateIds),
    source: fc.constantFrom(...evidenceSources),
    outcome: fc.constantFrom('passed' as const, 'failed' as const),
    subject: fc.constantFrom('a', 'b'),
    ref: fc.constantFrom('x', 'y', 'z'),
    hours: fc.constantFrom(0, 1, 2, 48),
    detail: fc.constantFrom('', 'because'),
    outdated: fc.boolean(),
    interested: fc.boolean(),
  })
  .map(({ gate, hours, ...rest }) => said(gate, { ...rest, at: hoursAgo(hours) }));
const anyPile = fc.array(anyEvidence, { maxLength: 30 });
const isProof = ({ source }: Evidence) => source !== 'waiver';

test('there are the eight gates of the specification, in its words and order', () => {
  expect(gateIds.map((gate) => gates[gate].title)).toEqual([
    'All tests pass (unit, integration, load)',
    'Security scan shows no vulnerabilities',
    'API documentation complete',
    'Performance benchmarks met',
    'Error handling comprehensive',
    'Monitoring configured',
    'Backup strategy tested',
    'Code review approved',
  ]);
});

describe('G1: a gate', () => {
  test('without evidence is never passed, and says what it needs', () => {
    for (const verdict of evaluateGates([], criteria)) {
      expect(verdict).toMatchObject({ status: 'no_evidence', evidence: [] });
      expect(verdict.needed.length).toBeGreaterThan(0);
    }
  });

  test('passes by evidence that it accepts only', () => {
    fc.assert(
      fc.property(anyPile, (pile) => {
        for (const { gate, status } of evaluateGates(pile, criteria)) {
          const ofGate = pile.filter((each) => each.gate === gate && acceptanceOf(gate, each.source));
          const accepted = ofGate.filter(({ outdated }) => !outdated);
          if (status === 'passed') expect(accepted.some(({ outcome }) => outcome === 'passed')).toBe(true);
          if (accepted.length === 0) expect(['no_evidence', 'waived']).toContain(status);
        }
      }),
    );
  });

  test('on backups forgets what is older than the policy allows, to the hour', () => {
    expect(statusOf('backup', said('backup', { at: hoursAgo(24) }))).toBe('passed');
    expect(statusOf('backup', said('backup', { at: hoursAgo(24.01) }))).toBe('no_evidence');
    expect(statusOf('tests', said('tests', { at: hoursAgo(24.01) }))).toBe('passed');
  });

  test('knows whether the policy requires it', () => {
    const required = evaluateGates([], criteria).filter((verdict) => verdict.required);
    expect(required.map(({ gate }) => gate)).toEqual(['tests', 'security']);
  });
});

describe('G2: of the statements on one subject', () => {
  test('the newest stands: a failure is not outvoted by an older pass, nor a pass held up by an older failure', () => {
    const pass = said('tests', { at: hoursAgo(2) });
    const failure = said('tests', { outcome: 'failed', at: hoursAgo(1), ref: 'att-2' });
    expect(statusOf('tests', pass, failure)).toBe('failed');
    expect(statusOf('tests', failure, { ...pass, at: hoursAgo(0) })).toBe('passed');
  });

  test('the failure stands of two at the same instant', () => {
    expect(statusOf('tests', said('tests', {}), said('tests', { outcome: 'failed' }))).toBe('failed');
  });

  test('only those that stand are listed', () => {
    const older = said('tests', { at: hoursAgo(2), ref: 'older' });
    const { evidence } = verdictOn('tests', [older, said('tests', { ref: 'newer' })]);
    expect(evidence).toEqual([expect.objectContaining({ ref: 'newer', decides: true })]);
  });

  test('adding the newest of the strongest rank settles what its subject says', () => {
    fc.assert(
      fc.property(anyPile, fc.constantFrom('passed' as const, 'failed' as const), (pile, outcome) => {
        const others = pile.filter(({ gate, subject }) => gate === 'tests' && subject === 'a');
        const last = said('tests', { outcome, subject: 'a', at: hoursAgo(-1), ref: 'last' });
        expect(verdictOn('tests', [...others.filter(isProof), last]).status).toBe(outcome);
      }),
    );
  });
});

describe('G3: the strongest evidence decides', () => {
  test('CI outweighs a person on tests, and a person a model on code', () => {
    const person = said('tests', { source: 'human', at: hoursAgo(0) });
    expect(statusOf('tests', person, said('tests', { outcome: 'failed' }))).toBe('failed');
    const model = said('code-review', { source: 'verdict', outcome: 'failed', at: hoursAgo(0) });
    expect(statusOf('code-review', model)).toBe('failed');
    expect(statusOf('code-review', model, said('code-review', { source: 'human' }))).toBe('passed');
  });

  test('a scanner and a reviewer both have to be content, whoever spoke last', () => {
    const review = said('security', { source: 'verdict', outcome: 'failed', subject: 'security', at: hoursAgo(3) });
    const scan = said('security', { at: hoursAgo(0) });
    expect(statusOf('security', review, scan)).toBe('failed');
    expect(statusOf('security', { ...review, outcome: 'passed' }, scan)).toBe('passed');
    expect(statusOf('security', { ...review, outcome: 'passed' }, { ...scan, outcome: 'failed' })).toBe('failed');
  });

  test('one failing check of several fails the gate, whatever the others say later', () => {
    const load = said('tests', { subject: 'load', outcome: 'failed', at: hoursAgo(2) });
    expect(statusOf('tests', load, said('tests', { subject: 'unit', at: hoursAgo(0) }))).toBe('failed');
  });

  test('weaker evidence is listed, marked as not deciding', () => {
    const evidence = [said('tests', { source: 'human', ref: 'person' }), said('tests', { ref: 'ci', at: hoursAgo(5) })];
    expect(verdictOn('tests', evidence).evidence.map(({ ref, decides }) => [ref, decides])).toEqual([
      ['ci', true],
      ['person', false],
    ]);
  });
});

describe('G4: a waiver', () => {
  const waiver = said('security', { source: 'waiver', subject: 'gate', ref: 'apr-1' });

  test('turns no evidence and failure into waived, and leaves a pass alone', () => {
    const failed = said('security', { outcome: 'failed' });
    expect(verdictOn('security', [waiver])).toMatchObject({ status: 'waived', needed: [] });
    expect(verdictOn('security', [failed, waiver]).evidence).toEqual([
      expect.objectContaining({ ref: 'att-1', decides: false }),
      expect.objectContaining({ ref: 'apr-1', decides: true }),
    ]);
    expect(statusOf('security', said('security', {}), waiver)).toBe('passed');
  });

  test('changes nothing else: without waivers the verdicts are what they were, but for those that are waived', () => {
    fc.assert(
      fc.property(anyPile, (pile) => {
        const plain = evaluateGates(pile.filter(isProof), criteria);
        evaluateGates(pile, criteria).forEach(({ gate, status }, index) => {
          const waived = pile.some((each) => each.gate === gate && !isProof(each));
          const before = plain[index]?.status;
          expect(status).toBe(waived && before !== 'passed' ? 'waived' : before);
        });
      }),
    );
  });
});

test('G5: neither order nor repetition of the evidence matters', () => {
  const shuffled = anyPile.chain((pile) =>
    fc.tuple(fc.constant(pile), fc.shuffledSubarray([...pile, ...pile], { minLength: pile.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([pile, again]) => {
      expect(evaluateGates(again, criteria)).toEqual(evaluateGates(pile, criteria));
    }),
  );
});

describe('open gates', () => {
  test('are those that are required and neither passed nor waived', () => {
    const verdicts = evaluateGates(
      [said('tests', { outcome: 'failed' }), said('monitoring', { source: 'validator' })],
      criteria,
    );
    expect(openGates(verdicts, ['tests', 'backup', 'monitoring']).map(({ gate }) => gate)).toEqual(['tests', 'backup']);
    expect(openGates(evaluateGates([said('tests', { source: 'waiver' })], criteria), ['tests'])).toEqual([]);
  });
});
