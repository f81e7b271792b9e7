import { describe, expect, test } from '@jest/globals';
import { evaluateGates, gates, type Deliverable } from './gates.ts';

const made = (kind: Deliverable['kind'], rest: Partial<Deliverable> = {}): Deliverable => ({
  assignment: kind,
  kind,
  verdict: null,
  superseded: false,
  ...rest,
});
const statusOf = (gate: string, deliverables: Deliverable[]) =>
  evaluateGates(deliverables).find((each) => each.gate === gate)?.status;

test('there are the eight gates of the specification, in its words', () => {
  expect(gates.map(({ title }) => title)).toEqual([
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

describe('a gate', () => {
  test('without evidence is never passed', () => {
    expect(evaluateGates([]).map(({ status }) => status)).toEqual(Array(8).fill('no_evidence'));
  });

  test('on a review follows its verdict', () => {
    expect(statusOf('security', [made('security-review', { verdict: 'pass' })])).toBe('passed');
    expect(statusOf('security', [made('security-review', { verdict: 'changes-needed' })])).toBe('failed');
  });

  test('counts the last round of a review only', () => {
    const first = made('performance-review', { verdict: 'changes-needed', superseded: true });
    const second = made('performance-review', { assignment: 'round-2', verdict: 'pass' });
    expect(evaluateGates([first, second]).find(({ gate }) => gate === 'performance')).toMatchObject({
      status: 'passed',
      evidence: ['round-2'],
    });
  });

  test('on a document is passed by a valid one', () => {
    expect(statusOf('documentation', [made('openapi')])).toBe('passed');
    expect(statusOf('monitoring', [made('deployment-plan')])).toBe('passed');
  });

  test('that no evidence serves yet stays open whatever was delivered', () => {
    const all = [made('openapi'), made('typescript'), made('security-review', { verdict: 'pass' })];
    expect(['tests', 'error-handling', 'backup', 'code-review'].map((gate) => statusOf(gate, all))).toEqual(
      Array(4).fill('no_evidence'),
    );
  });
});
