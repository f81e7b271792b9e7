// Hands tasks in and cancels them, as a caller does who does not give up: what was not answered is asked again with the same key.
import type { PubSub } from '@google-cloud/pubsub';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { PlannedTask } from './task-plan.ts';

export interface Door {
  readonly api: string;
  readonly pubsub: PubSub;
  readonly tokenOf: (org: string) => Promise<string>;
}

const accepted = z.object({ id: z.string() });

/** Hands in every copy; resolves with the ids that the API answered, one for each copy over HTTP. */
export const submit = async (door: Door, task: PlannedTask): Promise<string[]> => {
  const ids = await Promise.all(
    task.copies.map(async (channel) => {
      if (channel === 'pubsub') return publish(door, task);
      const body = JSON.stringify(task.submission);
      const answer = await insist(door, task.org, '/v1/tasks', { body, key: task.idempotencyKey });
      if (!answer.ok) throw new Error(`Task ${task.index} was refused: ${await answer.text()}`);
      return [accepted.parse(await answer.json()).id];
    }),
  );
  return ids.flat();
};

const publish = async ({ pubsub }: Door, { org, submission, idempotencyKey }: PlannedTask): Promise<string[]> => {
  await pubsub.topic('coordination-tasks').publishMessage({ json: { org, idempotencyKey, ...submission } });
  return [];
};

/** Cancels a task that may be over already, or, when it was handed in by a message, may not be there yet. */
export const cancel = async (door: Door, org: string, id: string): Promise<void> => {
  for (let tries = 0; ; tries++) {
    const answer = await insist(door, org, `/v1/tasks/${id}/cancel`, {});
    const text = await answer.text();
    if (answer.ok || answer.status === 409) return;
    if (answer.status !== 404 || tries === maxTries) throw new Error(`${id} cannot be cancelled: ${text}`);
    await pause(longestPauseMs);
  }
};

const firstPauseMs = 50;
const longestPauseMs = 1_000;
const patienceMs = 30_000;

/** Asks until it gets an answer that says anything about the request. Throws after the last try. */
const insist = async (
  { api, tokenOf }: Door,
  org: string,
  path: string,
  { body, key }: { body?: string; key?: string },
): Promise<Response> => {
  for (let tries = 0; ; tries++) {
    const headers = {
      authorization: `Bearer ${await tokenOf(org)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const signal = AbortSignal.timeout(patienceMs);
    const request = { method: 'POST', headers, signal, ...(body !== undefined && { body }) };
    const answer = await fetch(`${api}${path}`, request).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && answer.status < 500 && answer.status !== 429) return answer;
    if (tries === maxTries) throw new Error(`${path} was never answered`, { cause: answer });
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** tries));
  }
};

const maxTries = 60;
