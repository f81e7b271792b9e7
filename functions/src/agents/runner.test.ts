import { expect, test } from '@jest/globals';
import { makeGateway } from '../llm/index.ts';
import { apiKey, dialects } from '../llm/testing/dialects.ts';
import { startProviderServer, type HttpReply } from '../llm/testing/provider-server.ts';
import { roleCardOf } from './built-in.ts';
import { orgId } from '../platform/schemas.ts';
import { runSpecialist, type RunOptions, type SpecialistWork } from './runner.ts';

const { anthropic, openai } = dialects;

const work: SpecialistWork = {
  card: roleCardOf('nodejs-expert'),
  assignment: {
    title: 'One',
    instructions: '',
    author: { kind: 'coordinator' },
    artifactKind: 'markdown',
    remarks: [],
    mayAsk: false,
  },
  task: { title: 'A task', description: '', category: 'performance' },
  inputs: [],
};

const delivered = JSON.stringify({
  summary: 'Done.',
  artifact: { kind: 'markdown', title: 'Notes', content: '# Notes\n\nAll is well.' },
});

/** Runs the work at Anthropic, then OpenAI; tells how it ended and how often each was asked. */
const run = async (first: HttpReply[], second: HttpReply[], rest: Partial<RunOptions> = {}) => {
  await using primary = await startProviderServer(...first);
  await using secondary = await startProviderServer(...second);
  const targets = [
    { apiKey, provider: 'anthropic' as const, model: anthropic.model, baseUrl: anthropic.baseUrl(primary.url) },
    { apiKey, provider: 'openai' as const, model: openai.model, baseUrl: openai.baseUrl(secondary.url) },
  ];
  const delivery = await runSpecialist(work, {
    org: orgId.parse('acme'),
    gateway: makeGateway({ targets, firstEventMs: 20_000, silenceMs: 20_000 }),
    signal: new AbortController().signal,
    deadlineAt: new Date(Date.now() + 60_000),
    maxRepairs: 2,
    onRejected: () => Promise.resolve(),
    ...rest,
  });
  return { outcome: delivery.outcome, asked: [primary.requests.length, secondary.requests.length] };
};

test('the repair goes to the next provider when two answers of one were refused', async () => {
  const garbage = [anthropic.answer('no JSON'), anthropic.answer('no JSON either')];

  expect(await run(garbage, [openai.answer(delivered)])).toEqual({ outcome: 'delivered', asked: [2, 1] });
});

test('a run that goes on with a repair knows whose answers were refused before it', async () => {
  const resumed = {
    resumeAfter: { repair: 2, previous: 'no JSON either', findings: [] },
    refusedBefore: ['anthropic', 'anthropic'] as const,
  };

  expect(await run([], [openai.answer(delivered)], resumed)).toEqual({ outcome: 'delivered', asked: [0, 1] });
});
