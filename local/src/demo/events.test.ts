import { expect, test } from '@jest/globals';
import { readEvent } from './events.ts';

test('an event is read as the service sends it, and what the demo does not tell is left aside', () => {
  const evidence = { ref: 'security', decides: true, source: 'verdict', detail: 'The security-review passes.' };
  const gate = {
    gate: 'security',
    title: 'Secure',
    status: 'passed',
    version: 2,
    required: true,
    evidence: [evidence],
  };
  const event = { type: 'task.gates_evaluated', stream: 'task', at: '2026-11-23T00:00:00Z', data: { gates: [gate] } };
  expect(readEvent(event)).toMatchObject({
    data: {
      gates: [{ gate: 'security', title: 'Secure', status: 'passed', evidence: [{ ref: 'security', decides: true }] }],
    },
  });
  expect(readEvent({ type: 'task.reporting' })).toBeUndefined();
});
