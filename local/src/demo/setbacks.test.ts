import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { templatePlan } from '../../../functions/src/coordination/plan.ts';
import { type LlmProviders, startLlmProviders } from '../llm/index.ts';
import { arrange, cutAssignment } from './setbacks.ts';

let standIn: LlmProviders;

beforeAll(async () => {
  standIn = await startLlmProviders({ host: '127.0.0.1', port: 0 });
});

afterAll(() => standIn.stop());

const shown = async (name: string) => (await (await fetch(`${standIn.url}/${name}`)).json()) as object;

describe('what goes wrong on purpose', () => {
  test('is asked of the stand-in, and announced', async () => {
    const request = { title: 'Add an endpoint', setbacks: ['cut-answer', 'flawed-rules'] } as const;
    expect(await arrange(request, standIn.url, 'brisk')).toMatch(/^On purpose, .+ and .+\.$/);
    expect(await shown('faults')).toMatchObject({
      faults: [{ contains: cutAssignment, times: 1, fault: { kind: 'half-json' } }],
    });
    expect(await shown('defects')).toMatchObject({ defects: [{ task: 'Add an endpoint', kind: 'security-rules' }] });
  });

  test('is over with the task', async () => {
    expect(await arrange({ title: 'Add search' }, standIn.url, 'brisk')).toBeUndefined();
    expect([await shown('faults'), await shown('defects')]).toEqual([{ faults: [] }, { defects: [] }]);
  });

  test('strikes an assignment that plans have', () => {
    expect(templatePlan('api-design', 'api-designer', []).map(({ title }) => title)).toContain(cutAssignment);
  });

  test('is left out where real providers answer', async () => {
    expect(await arrange({ title: 'Add an endpoint', setbacks: ['cut-answer'] }, undefined, 'brisk')).toBeUndefined();
  });
});

test('the stand-in thinks and decides, at the pace that was asked for', async () => {
  await arrange({ title: 'Add search' }, standIn.url, 'real');
  expect(await shown('character')).toMatchObject({
    character: { thinking: expect.any(Number), decisions: expect.any(Number), speed: { tokensPerSecond: 70 } },
  });
});
