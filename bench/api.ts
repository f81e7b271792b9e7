// The API as a client sees it: a mixed load at a fixed rate, and one read as fast as 32 connections go.
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { createClient } from '../functions/src/client.ts';
import type { Suite } from '../local/src/suite.ts';
import { percentile, rounded, type BenchOptions, type Figures } from './figures.ts';
import { startMeteredSuite } from './metered-suite.ts';

const ratePerSecond = 50;
const connections = 32;
/** The limit is per user and this bench is one: it must not be what is measured. */
const unlimited = { REQUESTS_PER_MINUTE: '100000000' };

export const benchApi = async ({ seconds }: BenchOptions): Promise<Figures[]> => {
  const metered = await startMeteredSuite(unlimited);
  try {
    const task = await finishedTask(metered.suite);
    await mixedLoad(metered.suite, task, 3);
    const mixed = await mixedLoad(metered.suite, task, seconds);
    return [mixed, await saturation(metered.suite, task, seconds)];
  } finally {
    await metered.stop();
  }
};

const finishedTask = async ({ urls, tokens }: Suite): Promise<string> => {
  const client = createClient({ baseUrl: urls.api, token: () => tokens['main-coordinator'] });
  const json = { title: 'A finished task to read', category: 'api-design' as const };
  const answer = await client.api.v1.tasks.$post({ json, header: {} });
  if (!answer.ok) throw new Error(await answer.text());
  const { id } = await answer.json();
  for await (const { type } of client.followTask(id)) if (type === 'task.failed') throw new Error('The task failed.');
  return id;
};

/** What a frontend does: mostly reads, and one new task in twenty requests. */
const requestNumber = (index: number, task: string): { path: string; body?: object } => {
  const reads = ['', '/assignments', '/events?pageSize=50', '/scratchpad', '/report', '/artifacts/contract'];
  if (index % 20 === 0)
    return { path: '/v1/tasks', body: { title: `Load ${index}`, category: 'performance', plan: smallPlan } };
  if (index % 5 === 0) return { path: '/v1/tasks?pageSize=20' };
  return { path: `/v1/tasks/${task}${reads[index % reads.length] ?? ''}` };
};

const smallPlan = [{ id: 'note', specialist: 'api-designer', title: 'Note', artifactKind: 'markdown' }];

const mixedLoad = async ({ urls, tokens }: Suite, task: string, seconds: number): Promise<Figures> => {
  const latencies: number[] = [];
  let failed = 0;
  const send = async (index: number): Promise<void> => {
    const { path, body } = requestNumber(index, task);
    const startedAt = performance.now();
    const response = await fetch(`${urls.api}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${tokens['main-coordinator']}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    await response.arrayBuffer();
    latencies.push(performance.now() - startedAt);
    if (!response.ok) failed++;
  };
  const sent: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < ratePerSecond * seconds; index++) {
    await delay(Math.max(0, startedAt + (index * 1_000) / ratePerSecond - performance.now()));
    sent.push(send(index));
  }
  await Promise.all(sent);
  return {
    bench: 'api',
    load: `${ratePerSecond} requests/s mixed, 5 % of them new tasks`,
    requests: latencies.length,
    failed,
    p50Ms: rounded(percentile(latencies, 0.5)),
    p95Ms: rounded(percentile(latencies, 0.95)),
    p99Ms: rounded(percentile(latencies, 0.99)),
    budget: { p95Ms: 50 },
  };
};

const saturation = async ({ urls, tokens }: Suite, task: string, seconds: number): Promise<Figures> => {
  const result = await autocannon({
    url: `${urls.api}/v1/tasks/${task}`,
    connections,
    duration: seconds,
    headers: { authorization: `Bearer ${tokens['main-coordinator']}` },
  });
  return {
    bench: 'api',
    load: `${connections} connections reading a task`,
    requests: result.requests.total,
    failed: result.non2xx + result.errors,
    requestsPerSecond: rounded(result.requests.average),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
};
