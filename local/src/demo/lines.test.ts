import { describe, expect, test } from '@jest/globals';
import { hintLines, providerLines, refusalLines, resultLine } from './frame-lines.ts';
import { liveLines, remarkLines } from './live-lines.ts';
import { narrate } from './narrate.ts';
import { outcomeLines } from './outcome-lines.ts';
import { planLines } from './plan-lines.ts';
import { evolve, type Progress } from './progress.ts';
import { noPaint } from './style.ts';
import { summaryLines } from './summary-lines.ts';
import { widthOf } from './text.ts';
import { after, analysed, created, eventAt, planned, rejected, started, submitted, succeeded } from './test-story.ts';
import type { WatchedEvent } from './events.ts';

const at = (ms: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + ms);
const view = { paint: noPaint, width: 120, now: at(2_000) };
const plan = [
  submitted,
  analysed,
  planned('a', 'b', 'c', 'd'),
  created('a', 'api-designer'),
  created('b', 'nodejs-expert', ['a']),
  created('c', 'firebase-specialist', ['a']),
  created('d', 'cloud-architect', ['b', 'c']),
];

const told = (from: Progress, event: WatchedEvent) =>
  narrate(event, evolve(from, event)).map(({ about, text }) => `${about}: ${text}`);

describe('plan lines', () => {
  test('show the graph with who does what, what runs, what is done and what waits', () => {
    const progress = after(
      ...plan,
      started('a', 200),
      rejected('a', 700, 1),
      succeeded('a', 1_200),
      started('b', 1_300, { epoch: 2 }),
    );
    expect(planLines(progress, view)).toEqual([
      '✔ Do the a       api-designer         1.0 s · 1 repair · markdown',
      '├─ ● Do the b    nodejs-expert        0.7 s · attempt 2',
      '└─ ◌ Do the c    firebase-specialist',
      '   ↓ ○ Do the d  cloud-architect      also after: Do the b',
    ]);
  });

  test('tell rounds of the same review apart', () => {
    const [, round] = planLines(
      after(created('a', 'cloud-architect'), created('a-2', 'cloud-architect', ['a'], 1)),
      view,
    );
    expect(round).toContain('Do the a-2 (round 2)');
  });

  test('of a long plan keep to the height and stay with what is being worked on', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const progress = after(...ids.map((id) => created(id, 'api-designer')), started('n30', 200));
    const lines = planLines(progress, { ...view, height: 10 });
    expect(lines).toHaveLength(10);
    expect(lines.some((line) => line.includes('Do the n30'))).toBe(true);
    expect(lines.at(-1)).toBe('… and 41 assignments more');
  });

  test('no line is wider than the terminal', () => {
    const progress = after(...plan, started('a', 200), succeeded('a', 900));
    const wide = created('e', 'api-designer', ['d']);
    const cjk = {
      ...wide,
      data: { ...wide.data, title: '文書からメタデータを抽出する新しいエンドポイントを追加する' },
    } as WatchedEvent;
    const lines = planLines(evolve(progress, cjk), { ...view, width: 60 });
    expect(lines.every((line) => widthOf(line) <= 60)).toBe(true);
  });
});

test('the live block says who works on what and what it has cost, within the height', () => {
  const progress = after(...plan, started('a', 200));
  const lines = liveLines(progress, { ...view, height: 6 });
  expect(lines).toHaveLength(6);
  expect(lines[1]).toBe('planned · 2.0 s · 1 model call, 120 tokens, $0.002500');
  expect(lines.at(-1)).toBe('at work: api-designer on "Do the a"');
});

describe('remarks', () => {
  test('say how the task was analysed and who decided', () => {
    expect(told(after(submitted), analysed)).toEqual([
      'analysed: api-design, priority medium; api-designer leads, with firebase-specialist',
      ': decided by a model: It asks for an endpoint.',
    ]);
  });

  test('say why a proposed plan was refused', () => {
    const event = eventAt(60, 'task', 'task.planned', {
      origin: 'template',
      proposalRejected: 'it is not acyclic',
      assignments: ['a'],
      calls: [],
    });
    expect(told(after(submitted), event)).toEqual([
      'planned: 1 assignment, from the template',
      ": a model's proposal was refused: it is not acyclic",
    ]);
  });

  test('say what was wrong with a rejected artifact', () => {
    expect(told(after(...plan, started('a', 200)), rejected('a', 300, 2))).toEqual([
      'repair 2: Do the a, 2 findings: /paths must have at least one path',
    ]);
  });

  test('say why work is sent back, and that the plan grows', () => {
    const extended = eventAt(900, 'task', 'task.plan_extended', {
      assignments: ['e', 'f'],
      reason: 'Check: changes needed',
      because: ['Security, high: a hole', 'another'],
    });
    expect(told(after(...plan), extended)).toEqual([
      'objection: Check: changes needed – Security, high: a hole',
      'plan grows: by 2 assignments: a rework, and reviews of it',
    ]);
  });

  test('say what the task waits for, and who waits', () => {
    const waiting = (kind: string) =>
      eventAt(900, 'task', 'task.waiting', { wait: { id: 'w', kind, assignment: 'a', reason: 'Which region?' } });
    expect(['input', 'approval'].flatMap((kind) => told(after(...plan), waiting(kind)))).toEqual([
      'question: api-designer: Which region?',
      'decision: api-designer: Which region?',
    ]);
  });

  test('say nothing of what the tree shows', () => {
    expect(told(after(...plan), started('a', 200))).toEqual([]);
    expect(told(after(...plan, started('a', 200)), succeeded('a', 300, { verdict: 'pass' }))).toEqual([]);
  });

  test('say why no provider answered', () => {
    const failure = { code: 'llm.all_providers_failed', detail: 'No LLM provider answered (openai: overloaded)' };
    const event = eventAt(300, 'a', 'assignment.released', { failure, calls: [] });
    expect(told(after(...plan, started('a', 200)), event)).toEqual([
      'to retry: Do the a: No LLM provider answered (openai: overloaded)',
    ]);
  });

  test('say that a lost run was taken over', () => {
    expect(told(after(...plan, started('a', 200)), started('a', 300, { epoch: 2, lostCall: true }))).toEqual([
      'takes over: api-designer: Do the a, which the lost process was at',
    ]);
  });
});

const gates = [
  {
    gate: 'security',
    title: 'Security scan',
    status: 'passed',
    evidence: [
      { ref: 'c', decides: true },
      { ref: 'a', decides: false },
    ],
  },
  { gate: 'tests', title: 'All tests pass', status: 'no_evidence', evidence: [] },
];
const spend = { llmCalls: 5, unknownCalls: 0, tokens: 1_600, costNanoUsd: '12500000' };
const completed = after(
  ...plan,
  eventAt(3_000, 'task', 'task.gates_evaluated', { gates }),
  eventAt(3_000, 'task', 'task.completed', { spend }),
);

test('a remark that is too long for a line goes on below it', () => {
  const remark = { about: 'question', text: 'word '.repeat(30).trim(), tone: 'busy' as const };
  const lines = remarkLines(remark, 1_200, { paint: noPaint, width: 80 });
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^ {2}1\.2 s {2}question {4}word/);
  expect(lines[1]).toMatch(/^ {21}word/);
});

describe('the outcome', () => {
  const report = {
    agent: 'backend-coordinator' as const,
    status: 'completed' as const,
    summary: 'done',
    metrics: { api_endpoints: 4, avg_response_time: '95ms', security_score: 'A+', cost_projection: '$1.20/month' },
    concerns: ['one', 'two'],
    gates,
  };
  const files = [
    { path: 'demo-out/task/contract.openapi.json', kind: 'openapi', content: `{\n${'"line": 1,\n'.repeat(20)}}` },
    { path: 'demo-out/task/scratchpad.md', kind: 'scratchpad', content: '# Pad' },
  ];
  const lines = outcomeLines(completed, { report, files }, view);

  test('has plan, gates and the spend', () => {
    expect(lines).toContain('✔ Security scan   passed, by c');
    expect(lines).toContain('○ All tests pass  no evidence yet');
    expect(lines).toContain('5 model calls, 1,600 tokens, $0.012500 in 3.0 s');
  });

  test('names the files, and shows how the contract begins', () => {
    expect(lines).toContain('Made, in demo-out/task');
    expect(lines).toContain('  contract.openapi.json, scratchpad.md');
    expect(lines).toContain('  … and 10 lines more');
  });

  test('folds the specified report to five lines', () => {
    const start = lines.indexOf('Report to the main coordinator') + 1;
    expect(lines.slice(start, start + 6)).toEqual([
      'status    completed, says backend-coordinator',
      'summary   done',
      'metrics   api_endpoints 4, security_score A+',
      '          avg_response_time 95ms, cost_projection $1.20/month',
      'concerns  2, e.g. one',
      '',
    ]);
  });

  test('fits a terminal of 80 columns', () => {
    const long = { ...completed, title: 'メタデータ'.repeat(20) };
    const wordy = { ...report, summary: 'メタデータ'.repeat(30), concerns: ['word '.repeat(40)] };
    const narrow = outcomeLines(long, { report: wordy, files }, { paint: noPaint, width: 80 });
    expect(narrow.every((line) => widthOf(line) <= 80)).toBe(true);
  });
});

describe('the summary table', () => {
  test('has a row per task and a total, in columns', () => {
    const lines = summaryLines([completed, completed], view);
    expect(lines).toEqual([
      'task               category     result   time  assignments  repairs  calls  tokens       cost',
      'Add an endpoint  api-design  completed  3.0 s            4        0      5   1,600  $0.012500',
      'Add an endpoint  api-design  completed  3.0 s            4        0      5   1,600  $0.012500',
      'total                                   6.0 s            8        0     10   3,200  $0.025000',
    ]);
  });

  test('fits a terminal of 80 characters', () => {
    const long = { ...completed, title: 'We need to add a new endpoint for extracting metadata from documents' };
    expect(Math.max(...summaryLines([long, long], { ...view, width: 80 }).map(({ length }) => length))).toBe(80);
  });

  test('of a single task has no total', () => {
    expect(summaryLines([completed], view)).toHaveLength(2);
  });
});

test('the last line names each task that did not complete, and why', () => {
  const failure = { code: 'coordination.gate_failed', detail: 'Security scan' };
  const failed = after(submitted, eventAt(10, 'task', 'task.failed', { failure, spend }));
  expect(resultLine([completed, failed])).toBe(
    '1 of 2 tasks did not complete: "Add an endpoint" failed: Security scan',
  );
});

const urls = { functions: '', host: '', api: 'http://127.0.0.1:1/api', firestore: '', pubsub: '', auth: '' };
const frame = { paint: noPaint, width: 80 };

test('it is said plainly whether models answered or the stand-in', () => {
  expect(providerLines({ answersFrom: 'anthropic, openai', urls }, frame)).toEqual([
    'Answers come from anthropic, openai.',
  ]);
  const withStandIn = { answersFrom: 'local stand-in', urls: { ...urls, llm: 'http://127.0.0.1:2' } };
  const standIn = providerLines(withStandIn, frame);
  expect(standIn[0]).toContain('local stand-in: no provider key is set');
  expect(standIn.every((line) => widthOf(line) <= 80)).toBe(true);
});

test('the commands at the end can be pasted, and speak to a service that is still there', () => {
  const tokens = { 'main-coordinator': 'abc', operator: '', member: '', agent: '' };
  const hints = (isKept: boolean) =>
    hintLines({ urls, tokens }, { paint: noPaint, isKept, readable: "demo-out/it's/contract.json" }).join('\n');
  expect(hints(false)).toContain(String.raw`less 'demo-out/it'\''s/contract.json'`);
  expect(hints(false)).not.toMatch(/curl|TOKEN/);
  expect(hints(true)).toContain('export TOKEN=abc');
  expect(hints(true)).toContain('curl "$API/v1/tasks"');
});

test('a refusal of the API names every field that does not fit', () => {
  const problem = {
    type: 'about:blank',
    title: '',
    instance: '',
    status: 400,
    code: 'platform.invalid_input',
    detail: '1 field does not fit.',
  };
  const errors = [{ pointer: '#/title', detail: 'is too long' }];
  expect(refusalLines({ ...problem, errors })).toEqual([
    'The API refused: 1 field does not fit. [platform.invalid_input]',
    '  #/title is too long',
  ]);
});
