import { describe, expect, test } from '@jest/globals';
import { templatePlan } from '../../../functions/src/coordination/plan.ts';
import { startLlmProviders } from '../llm/index.ts';
import { arrange, cutAssignment } from './setbacks.ts';

describe('a setback', () => {
  test('is asked of the stand-in, and announced', async () => {
    const standIn = await startLlmProviders({ host: '127.0.0.1', port: 0 });
    try {
      const arranged = await arrange({ title: 'Add an endpoint', setback: 'cut-answer' }, standIn.url);
      const { faults } = (await (await fetch(`${standIn.url}/faults`)).json()) as { faults: object[] };
      expect(arranged.announcement).toContain('On purpose');
      expect(faults).toMatchObject([{ contains: cutAssignment, times: 1, fault: { kind: 'half-json' } }]);
    } finally {
      await standIn.stop();
    }
  });

  test('strikes an assignment that plans have', () => {
    expect(templatePlan('api-design', 'api-designer', []).map(({ title }) => title)).toContain(cutAssignment);
  });

  test('is left out where real providers answer', async () => {
    const request = { title: 'Add an endpoint', setback: 'changes-needed' } as const;
    expect(await arrange(request, undefined)).toEqual({ request, announcement: undefined });
  });

  test('keeps the description of the task', async () => {
    const request = { title: 'Add search', description: 'With filters.', setback: 'changes-needed' } as const;
    const arranged = await arrange(request, 'http://127.0.0.1:1');
    expect(arranged.request.description).toBe('With filters.\n[[stand-in: changes-needed]]');
  });
});
