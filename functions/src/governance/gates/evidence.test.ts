import { describe, expect, test } from '@jest/globals';
import { approval, type Approval } from '../approvals/schemas.ts';
import { deploymentsOf } from './deployments.ts';
import { evidenceOf, evidenceOfAttestations, evidenceOfWaivers, type Deliverable } from './evidence.ts';
import { gates } from './gates.ts';
import { gatesOfTask } from './gates-of-task.ts';
import { attestation, gateIds, gateVerdict, type GateId } from './schemas.ts';

const noon = new Date('2026-03-01T12:00:00Z');
const later = new Date('2026-03-01T13:00:00Z');

const made = (kind: Deliverable['kind'], rest: Partial<Deliverable> = {}): Deliverable => ({
  assignment: kind,
  kind,
  specialist: `${kind}-maker`,
  specialistVersion: 3,
  model: { provider: 'anthropic', model: 'sonnet' },
  verdict: null,
  metrics: {},
  superseded: false,
  finishedAt: noon,
  ...rest,
});
const outcomes = (...deliverables: Deliverable[]) =>
  Object.fromEntries(evidenceOf(deliverables).map(({ gate, outcome }) => [gate, outcome]));

const needing = { decision: { kind: 'caching', summary: 'Cache it.', rationale: '' }, why: 'It is not ours.' };

const waiver = (rest: object): Approval =>
  approval.parse({
    id: 'apr_00000000000000000000',
    org: 'acme',
    task: 'tsk_00000000000000000000',
    subject: { kind: 'waiver', gate: 'backup', reason: 'There is no data yet.' },
    reason: 'There is no data yet.',
    requestedBy: { kind: 'person', uid: 'ann', role: 'operator' },
    state: 'approved',
    mayDecide: ['operator'],
    delegatedTo: null,
    deadlineAt: later,
    onSilence: 'reject',
    decision: { by: { uid: 'bob', role: 'operator' }, at: noon, comment: '', rework: false },
    history: [],
    createdAt: noon,
    wakeAt: null,
    ...rest,
  });

const nobody = { submittedBy: null, approvals: [] };

const attested = (rest: object = {}) =>
  attestation.parse({
    id: 'att_00000000000000000000',
    org: 'acme',
    task: 'tsk_00000000000000000000',
    gate: 'tests',
    status: 'failed',
    check: 'unit',
    summary: '3 of 200 fail.',
    url: null,
    commit: 'abcdef0',
    by: { kind: 'key', key: 'key_00000000000000000000', name: 'CI' },
    at: noon,
    createdAt: later,
    ...rest,
  });

describe('a deliverable', () => {
  test('speaks with its author, the version of the role card and the model', () => {
    expect(evidenceOf([made('security-review', { verdict: 'pass' })])).toEqual([
      {
        gate: 'security',
        source: 'verdict',
        outcome: 'passed',
        subject: 'security-review',
        ref: 'security-review',
        by: { kind: 'agent', agent: 'security-review-maker', version: 3, provider: 'anthropic', model: 'sonnet' },
        at: noon,
        detail: 'The security-review passes.',
        outdated: false,
        interested: false,
      },
    ]);
  });

  test('that a later round replaced says nothing any more', () => {
    expect(outcomes(made('performance-review', { verdict: 'changes-needed', superseded: true }))).toEqual({});
  });

  test.each([
    [{}, {}],
    [{ endpoints: 2 }, { documentation: 'passed' }],
    [{ endpoints: 0 }, { documentation: 'failed' }],
    [
      { endpoints: 2, operationsWithoutErrors: 0 },
      { documentation: 'passed', 'error-handling': 'passed' },
    ],
    [
      { endpoints: 2, operationsWithoutErrors: 1 },
      { documentation: 'passed', 'error-handling': 'failed' },
    ],
  ])('that is an API contract with %j is judged by these metrics', (metrics, expected) => {
    expect(outcomes(made('openapi', { metrics }))).toEqual(expected);
  });

  test('that is a plan of the deployment shows the monitoring', () => {
    expect(outcomes(made('deployment-plan'))).toEqual({ monitoring: 'passed' });
  });

  test('that is a review without a verdict says nothing', () => {
    expect(outcomes(made('security-review'))).toEqual({});
  });
});

describe('a review of the code', () => {
  const review = made('security-review', { verdict: 'pass', finishedAt: later });

  test.each(['code-review', 'security-review'] as const)(
    'counts when somebody else wrote the code before: a %s',
    (kind) => {
      const code = made('typescript');
      const counted = { ...review, kind };
      expect(outcomes(code, counted)).toMatchObject({ 'code-review': 'passed', 'error-handling': 'passed' });
      expect(outcomes(code, { ...counted, verdict: 'changes-needed' })).toMatchObject({ 'code-review': 'failed' });
    },
  );

  test('is no code review when there is no code, but a security review nevertheless', () => {
    expect(outcomes(review)).toEqual({ security: 'passed' });
  });
});

describe('nobody judges their own work:', () => {
  const verdicts = gateIds.flatMap((gate) =>
    gates[gate].accepts.flatMap((accepted) =>
      accepted.source === 'verdict' ? accepted.judges.map((judged) => ({ gate, kind: accepted.kind, judged })) : [],
    ),
  );

  test.each(verdicts)('a $kind of the gate $gate, by the author of some $judged', ({ gate, kind, judged }) => {
    const review = made(kind, { verdict: 'pass', finishedAt: later });
    const others = made(judged, { assignment: 'others' });
    expect(outcomes(others, review)).toMatchObject({ [gate]: 'passed' });
    expect(outcomes(others, made(judged, { specialist: review.specialist }), review)).not.toHaveProperty(gate);
  });
});

describe('a review passes nothing that it cannot have seen:', () => {
  const evenLater = new Date(later.getTime() + 1);
  const review = (kind: Deliverable['kind'], rest: Partial<Deliverable> = {}) =>
    made(kind, { verdict: 'pass', finishedAt: later, ...rest });

  test.each([
    ['security-review', 'typescript', 'security'],
    ['security-review', 'security-rules', 'security'],
    ['security-review', 'typescript', 'code-review'],
    ['code-review', 'security-rules', 'code-review'],
    ['performance-review', 'typescript', 'performance'],
    ['performance-review', 'firestore-schema', 'performance'],
  ] as const)('a %s, of %s that is newer, for the gate %s', (kind, work, gate) => {
    const older = made(kind === 'performance-review' ? 'firestore-schema' : 'typescript', { assignment: 'older' });
    expect(outcomes(older, made(work, { finishedAt: evenLater }), review(kind))).not.toHaveProperty(gate);
    expect(outcomes(older, made(work, { finishedAt: evenLater, superseded: true }), review(kind))).toMatchObject({
      [gate]: 'passed',
    });
    expect(outcomes(older, made(work, { finishedAt: later }), review(kind))).toMatchObject({ [gate]: 'passed' });
  });

  test('work of kinds that it does not judge may be newer', () => {
    const after = [made('openapi', { finishedAt: evenLater }), made('deployment-plan', { finishedAt: evenLater })];
    const reviews = [review('security-review'), review('performance-review')];
    expect(outcomes(...after, ...reviews)).toMatchObject({ security: 'passed', performance: 'passed' });
  });

  test('its objection stands, however new the work is, until a later round replaces it', () => {
    const objection = review('security-review', { verdict: 'changes-needed' });
    const code = made('typescript', { finishedAt: evenLater });
    expect(outcomes(code, objection)).toMatchObject({ security: 'failed' });
    expect(outcomes(code, { ...objection, superseded: true })).toEqual({});
  });
});

describe('a statement from outside', () => {
  test('with a key is an attestation as of the time that it was made', () => {
    expect(evidenceOfAttestations([attested()], [], nobody)).toEqual([
      expect.objectContaining({ gate: 'tests', source: 'attestation', outcome: 'failed', subject: 'unit', at: noon }),
    ]);
  });

  test('by a person is human evidence', () => {
    const by = { kind: 'person', uid: 'ann', role: 'operator' };
    expect(evidenceOfAttestations([attested({ by })], [], nobody)).toEqual([
      expect.objectContaining({ source: 'human', by }),
    ]);
  });
});

describe('a statement from outside passes nothing that it cannot have seen:', () => {
  const person = { kind: 'person', uid: 'ann', role: 'operator' };
  const key = { kind: 'key', key: 'key_00000000000000000000', name: 'CI' };
  const verdictOn = (gate: GateId, statements: object[], deliverables: Deliverable[]) =>
    gatesOfTask({
      deliverables,
      attestations: statements.map((rest) => attested({ gate, status: 'passed', check: 'default', ...rest })),
      ...nobody,
      criteria: { required: [gate], backupMaxAgeHours: 24, policyVersion: 3, now: later },
    }).find((each) => each.gate === gate);

  test.each([
    ['tests', key, 'typescript'],
    ['tests', person, 'security-rules'],
    ['security', key, 'typescript'],
    ['security', key, 'security-rules'],
    ['performance', key, 'typescript'],
    ['performance', key, 'firestore-schema'],
    ['code-review', person, 'typescript'],
    ['code-review', person, 'security-rules'],
  ] as const)('for the gate %s, by %j, newer %s', (gate, by, kind) => {
    const older = made(kind, { assignment: 'older' });
    const newer = made(kind, { finishedAt: later });
    expect(verdictOn(gate, [{ by }], [older])).toMatchObject({ status: 'passed', needed: [] });
    expect(verdictOn(gate, [{ by }], [older, { ...newer, superseded: true }])).toMatchObject({ status: 'passed' });
    expect(verdictOn(gate, [{ by }], [older, newer])).toMatchObject({
      status: 'no_evidence',
      evidence: [{ outcome: 'passed', outdated: true, decides: false }],
      needed: expect.arrayContaining([expect.stringContaining('(the one of 2026-03-01T12:00:00.000Z is older')]),
    });
    expect(verdictOn(gate, [{ by }, { by, at: later }], [older, newer])).toMatchObject({ status: 'passed' });
  });

  test.each([
    ['documentation', person],
    ['backup', key],
    ['backup', person],
  ] as const)('the gate %s, by %j, is of no work of the team', (gate, by) => {
    const newer = (['typescript', 'security-rules', 'firestore-schema', 'markdown'] as const).map((kind) =>
      made(kind, { finishedAt: later }),
    );
    expect(verdictOn(gate, [{ by }], newer)).toMatchObject({ status: 'passed' });
  });

  test('a failure stands however new the work is, until a newer statement of the same check', () => {
    const newer = [made('typescript', { finishedAt: later })];
    expect(verdictOn('tests', [{ status: 'failed' }], newer)).toMatchObject({ status: 'failed' });
    const before = { status: 'failed', at: new Date(noon.getTime() - 1) };
    expect(verdictOn('tests', [before, {}], newer)).toMatchObject({ status: 'no_evidence' });
  });

  test('a token may be of any moment of the second that it names', () => {
    const at = (ms: number) => [made('typescript', { finishedAt: new Date(noon.getTime() + ms) })];
    expect(verdictOn('tests', [{}], at(999))).toMatchObject({ status: 'passed' });
    expect(verdictOn('tests', [{}], at(1_000))).toMatchObject({ status: 'no_evidence' });
    expect(verdictOn('tests', [{ by: person }], at(1))).toMatchObject({ status: 'no_evidence' });
  });
});

describe('nobody passes in person what they have a stake in:', () => {
  const byPerson = (uid: string, rest: object = {}) =>
    attested({
      gate: 'backup',
      status: 'passed',
      check: 'default',
      by: { kind: 'person', uid, role: 'operator' },
      ...rest,
    });
  const verdictOn = (
    attestations: ReturnType<typeof attested>[],
    submittedBy: string | null,
    approvals: Approval[] = [],
  ) =>
    gatesOfTask({
      deliverables: [],
      attestations,
      approvals,
      submittedBy,
      criteria: { required: ['backup'], backupMaxAgeHours: 24, policyVersion: 3, now: later },
    }).find(({ gate }) => gate === 'backup');
  const asked = waiver({ state: 'rejected' });

  test.each([
    ['whoever submitted the task', 'cyd', []],
    ['whoever asked to waive the gate', 'ann', [asked]],
  ] as const)('%s', (_, uid, approvals) => {
    expect(verdictOn([byPerson(uid)], 'cyd', [...approvals])).toMatchObject({
      status: 'no_evidence',
      evidence: [{ outcome: 'passed', interested: true, decides: false }],
      needed: expect.arrayContaining([expect.stringContaining('is by whoever submitted the task')]),
    });
    expect(verdictOn([byPerson(uid, { status: 'failed' })], 'cyd', [...approvals])).toMatchObject({ status: 'failed' });
  });

  test('somebody else does, and so does the token of a CI', () => {
    expect(verdictOn([byPerson('bob')], 'cyd', [asked])).toMatchObject({ status: 'passed' });
    expect(verdictOn([attested({ gate: 'backup', status: 'passed', check: 'restore' })], 'cyd')).toMatchObject({
      status: 'passed',
    });
  });

  test('whoever asked to waive another gate has no stake in this one', () => {
    const other = waiver({ subject: { kind: 'waiver', gate: 'tests', reason: 'None.' } });
    expect(verdictOn([byPerson('ann')], 'cyd', [other])).toMatchObject({ status: 'passed' });
  });
});

describe('a check of CI', () => {
  const checked = (gate: GateId, check: string, status = 'passed') =>
    evidenceOfAttestations([attested({ gate, check, status })], [], nobody).length;

  test.each<[GateId, string]>([
    ['tests', 'default'],
    ['tests', 'unit'],
    ['tests', 'e2e-firefox'],
    ['security', 'dependencies'],
    ['performance', 'load-eu'],
    ['backup', 'restore'],
  ])('for %s named %s is evidence', (gate, check) => {
    expect(checked(gate, check)).toBe(1);
  });

  test.each<[GateId, string]>([
    ['tests', 'deployed-to-staging'],
    ['tests', 'deployed-to-production'],
    ['tests', 'lint'],
    ['tests', 'united'],
    ['security', 'unit'],
    ['backup', 'deployed-to-staging'],
  ])('for %s named %s is none, whether it passed or failed', (gate, check) => {
    expect([checked(gate, check), checked(gate, check, 'failed')]).toEqual([0, 0]);
  });
});

describe('where the work runs', () => {
  const staging = (rest: object = {}) => attested({ check: 'deployed-to-staging', status: 'passed', ...rest });

  test('is what CI attested last', () => {
    expect(deploymentsOf([])).toEqual({ staging: false, production: false });
    expect(deploymentsOf([staging()])).toEqual({ staging: true, production: false });
    expect(deploymentsOf([staging(), staging({ status: 'failed', at: later })])).toMatchObject({ staging: false });
    expect(deploymentsOf([staging({ at: later }), staging({ status: 'failed' })])).toMatchObject({ staging: true });
    expect(deploymentsOf([staging(), staging({ status: 'failed' })])).toMatchObject({ staging: false });
    expect(deploymentsOf([attested({ check: 'deployed-to-production', status: 'passed' })])).toEqual({
      staging: false,
      production: true,
    });
  });

  test('is nobody else’s word', () => {
    expect(deploymentsOf([staging({ by: { kind: 'person', uid: 'ann', role: 'operator' } })])).toMatchObject({
      staging: false,
    });
    expect(deploymentsOf([staging({ check: 'unit' })])).toMatchObject({ staging: false });
  });
});

describe('a waiver', () => {
  test('counts once a person has approved it, and names that person', () => {
    expect(evidenceOfWaivers([waiver({})])).toEqual([
      expect.objectContaining({
        gate: 'backup',
        source: 'waiver',
        by: { kind: 'person', uid: 'bob', role: 'operator' },
      }),
    ]);
  });

  test.each([
    ['pending', { state: 'pending', decision: null }],
    ['rejected', { state: 'rejected' }],
    ['expired, even if silence were to approve', { state: 'expired', decision: null, onSilence: 'approve' }],
    ['another subject', { subject: { kind: 'decisions', assignment: 'a', decisions: [needing] } }],
  ])('does not count while it is %s', (_, rest) => {
    expect(evidenceOfWaivers([waiver(rest)])).toEqual([]);
  });
});

test('the gates of a task follow from deliverables, attestations, waivers and policy, and fit their schema', () => {
  const verdicts = gatesOfTask({
    deliverables: [made('security-review', { verdict: 'pass' })],
    attestations: [attested()],
    approvals: [waiver({})],
    submittedBy: null,
    criteria: { required: ['tests'], backupMaxAgeHours: 1, policyVersion: 3, now: later },
  });
  expect(verdicts.map(({ status }) => status)).toEqual([
    'failed',
    'passed',
    'no_evidence',
    'no_evidence',
    'no_evidence',
    'no_evidence',
    'waived',
    'no_evidence',
  ]);
  expect(verdicts.filter(({ required }) => required).map(({ gate }) => gate)).toEqual(['tests']);
  expect(
    gateVerdict
      .array()
      .parse(verdicts)
      .map(({ gate }) => gate),
  ).toEqual(gateIds);
});
