import { describe, expect, test } from '@jest/globals';
import { loosens } from './loosens.ts';
import { defaultPolicy, orgPolicy } from './schemas.ts';

type Given = Parameters<typeof orgPolicy.parse>[0];
const between = (before: Given, after: Given) => loosens(orgPolicy.parse(before), orgPolicy.parse(after));
const gates = (requiredGates: readonly string[] | null) => ({ requiredGates });
const approvals = (rest: object) => ({ approvals: rest });
const ladder = (...steps: [string, number][]) => ({
  escalation: { ladder: steps.map(([party, afterMinutes]) => ({ party, afterMinutes })) },
});
const classes = (...dataClasses: object[]) => ({ dataClasses });
const names = { name: 'names', fields: ['*name*'], requires: ['security-rules', 'retention'] };
const usual = ['security', 'documentation', 'performance'];

/** Each change loosens what it is said to, and the way back loosens nothing. */
const changes: [string, Given, Given, string[]][] = [
  ['no gate instead of the usual ones', {}, gates([]), ['requiredGates']],
  ['a shorter list', gates(['tests', 'backup']), gates(['tests']), ['requiredGates']],
  ['the usual gates instead of a list, as they ask less of a caller’s plan', gates(usual), {}, ['requiredGates']],
  [
    'another decider',
    approvals({ mayDecide: ['operator'] }),
    approvals({ mayDecide: ['operator', 'member'] }),
    ['approvals.mayDecide'],
  ],
  ['silence that approves', {}, approvals({ onSilence: 'approve' }), ['approvals.onSilence']],
  [
    'silence that approves at once',
    {},
    approvals({ onSilence: 'approve', deadlineMinutes: 1 }),
    ['approvals.onSilence'],
  ],
  [
    'less time until silence approves',
    approvals({ onSilence: 'approve', deadlineMinutes: 60 }),
    approvals({ onSilence: 'approve', deadlineMinutes: 1 }),
    ['approvals.deadlineMinutes'],
  ],
  ['a party that is not told', ladder(['peer', 0], ['human', 5]), ladder(['peer', 0]), ['escalation.ladder']],
  [
    'a party that is told later',
    ladder(['peer', 0], ['human', 5]),
    ladder(['peer', 0], ['human', 6]),
    ['escalation.ladder'],
  ],
  [
    'a larger budget of a task',
    { budget: { taskNanoUsd: '1' } },
    { budget: { taskNanoUsd: '2' } },
    ['budget.taskNanoUsd'],
  ],
  ['no budget of a task', { budget: { taskNanoUsd: '1' } }, {}, ['budget.taskNanoUsd']],
  [
    'a larger budget of a month',
    { budget: { monthlyNanoUsd: '1' } },
    { budget: { monthlyNanoUsd: '2' } },
    ['budget.monthlyNanoUsd'],
  ],
  ['no budget of a month', { budget: { monthlyNanoUsd: '1' } }, {}, ['budget.monthlyNanoUsd']],
  ['no data classes', {}, classes(), ['dataClasses']],
  ['a pattern less', classes({ ...names, fields: ['*name*', 'ssn'] }), classes(names), ['dataClasses']],
  ['a safeguard less', classes(names), classes({ ...names, requires: ['retention'] }), ['dataClasses']],
  ['older backups', { backupMaxAgeHours: 24 }, { backupMaxAgeHours: 25 }, ['backupMaxAgeHours']],
  ['more work at once', {}, { limits: { concurrentAssignments: 101 } }, ['limits']],
  ['more weight', {}, { limits: { weight: 2 } }, ['limits']],
  ['another operator who confirms', {}, { changes: { confirmedBy: 'second-person' } }, ['changes.confirmedBy']],
];

test.each(changes)('%s loosens', (_, before, after, expected) => {
  expect(between(before, after)).toEqual(expected);
  expect(between(after, before)).toEqual([]);
});

test('each part of a policy has a change that loosens it, but for the reports', () => {
  const parts = new Set(changes.flatMap(([, , , paths]) => paths.map((path) => path.split('.')[0])));
  expect([...parts, 'reports'].sort()).toEqual(Object.keys(defaultPolicy).sort());
});

describe('loosens nothing:', () => {
  test.each<[string, Given, Given]>([
    ['what stays as it is', {}, {}],
    ['more gates', {}, gates([...usual, 'tests'])],
    ['gates in another order', gates(['tests', 'backup']), gates(['backup', 'tests'])],
    ['more time for decisions that silence rejects', {}, approvals({ deadlineMinutes: 2_880 })],
    [
      'a class that is renamed and split',
      classes({ ...names, fields: ['a', 'B'] }),
      classes({ ...names, name: 'x', fields: ['b'] }, { ...names, name: 'y', fields: ['A'] }),
    ],
    ['twice the work of half the weight', { limits: { weight: 2 } }, { limits: { concurrentAssignments: 200 } }],
    ['fewer reports', { reports: { everyMinutes: 5 } }, { reports: { onChange: false } }],
  ])('%s', (_, before, after) => {
    expect(between(before, after)).toEqual([]);
  });
});

test('another gate in the place of a usual one loosens', () => {
  expect(between({}, gates(['security', 'documentation', 'tests']))).toEqual(['requiredGates']);
});

test('all that a change loosens is named', () => {
  const after = { ...gates([]), ...approvals({ onSilence: 'approve' }), backupMaxAgeHours: 8_760 };
  expect(between({}, after)).toEqual(['requiredGates', 'approvals.onSilence', 'backupMaxAgeHours']);
});
