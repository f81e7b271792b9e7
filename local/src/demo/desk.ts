// The demo's dealings with the API: hand in a task, follow it, answer and approve what it waits for, fetch what it left behind.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, createClient } from '../../../functions/src/client.ts';
import { SuiteError } from '../errors.ts';
import type { CommandLine } from './options.ts';
import type { Request } from './requests.ts';

type Client = ReturnType<typeof createClient>;

export interface Desk {
  /** Hands in a task; its id. */
  submit(request: Request): Promise<string>;
  /** Every event of a task until it is over, however often the connection breaks. */
  follow(task: string): ReturnType<Client['followTask']>;
  /** Answers what a specialist asked. */
  answer(task: string, assignment: string, text: string): Promise<void>;
  /** Approves a decision. */
  approve(approval: string): Promise<void>;
  /** What is left of a task that is over. */
  records(task: string): Promise<Records>;
}

export type Records = Awaited<ReturnType<ReturnType<typeof recordsFrom>>>;

export interface DeskOptions extends Pick<CommandLine, 'priority' | 'category'> {
  readonly baseUrl: string;
  readonly token: string;
  /** Ends everything under way. */
  readonly signal: AbortSignal;
}

// The service itself ends a task at its deadline, so a watcher never waits in vain. Real providers take minutes for a plan.
const deadlineMs = 60 * 60_000;
// Only when the databases are gone can the service not even do that: the sweeper comes by once a minute.
const patienceMs = deadlineMs + 3 * 60_000;

export const openDesk = ({ baseUrl, token, signal, priority, category }: DeskOptions): Desk => {
  const client = createClient({ baseUrl, token: () => token });
  const { tasks, approvals } = client.api.v1;
  const init = { signal };
  return {
    submit: async ({ title, description }) => {
      const key = randomUUID();
      const deadline = new Date(Date.now() + deadlineMs).toISOString();
      const json = { title, ...given({ description, priority, category }), deadline };
      const accepted = await answered(
        () => tasks.$post({ json, header: { 'Idempotency-Key': key } }, { init }),
        signal,
      );
      return (await accepted.json()).id;
    },
    follow: (task) => client.followTask(task, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) }),
    answer: async (task, assignment, answer) => {
      const input = tasks[':task'].input;
      await answered(() => input.$post({ param: { task }, json: { assignment, answer } }, { init }), signal);
    },
    approve: async (approval) => {
      const { approve } = approvals[':approval'];
      await answered(() => approve.$post({ param: { approval }, json: {} }, { init }), signal);
    },
    records: recordsFrom(client, signal),
  };
};

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const recordsFrom =
  ({ api }: Client, signal: AbortSignal) =>
  async (id: string) => {
    const of = api.v1.tasks[':task'];
    const args = [{ param: { task: id } }, { init: { signal } }] as const;
    const [task, work, { artifacts: listed }, scratchpad, report] = await Promise.all([
      answered(() => of.$get(...args), signal).then((response) => response.json()),
      answered(() => of.assignments.$get(...args), signal).then((response) => response.json()),
      answered(() => of.artifacts.$get(...args), signal).then((response) => response.json()),
      answered(() => of.scratchpad.$get(...args), signal).then((response) => response.json()),
      answered(() => of.report.$get(...args), signal).then((response) => response.json()),
    ]);
    const one = of.artifacts[':artifact'];
    const artifacts = await Promise.all(
      listed.map(async ({ id: artifact }) => {
        const param = { task: id, artifact };
        return (await answered(() => one.$get({ param }, { init: { signal } }), signal)).json();
      }),
    );
    return { task, ...work, artifacts, scratchpad, report, spend: report.spend };
  };
// A functions process that dies takes its requests with it; the next one serves within a few seconds.
const retryEveryMs = 250;
const maxTries = 60;

type Ok<R> = Extract<R, { readonly ok: true }>;
type Answer = Pick<Response, 'ok' | 'status' | 'headers' | 'json'>;

/**
 * The answer to a request that may safely be sent again. Throws ApiError when the API refuses, SuiteError when it keeps failing,
 * and the signal's reason when it aborts.
 */
const answered = async <R extends Answer>(send: () => Promise<R>, signal: AbortSignal): Promise<Ok<R>> => {
  let cause: unknown;
  for (let tries = 0; tries < maxTries; tries++) {
    try {
      const response = await send();
      if (response.ok) return response as Ok<R>;
      cause = await refusalOf(response);
    } catch (error) {
      signal.throwIfAborted();
      cause = error;
    }
    if (cause instanceof ApiError && cause.problem.status < 500) throw cause;
    await pause(retryEveryMs, undefined, { signal });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new SuiteError(`The API keeps failing: ${reason}`, 'Run npm start and send it a request to see why.', {
    cause,
  });
};

const refusalOf = async (response: Answer): Promise<Error> =>
  response.headers.get('content-type')?.includes('application/problem+json')
    ? new ApiError((await response.json()) as ApiError['problem'])
    : new Error(`status ${response.status}`);
