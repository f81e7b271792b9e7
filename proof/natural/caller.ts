// Hands a task in and sees it through: answers what specialists ask, and approves, as somebody else, what needs approval.
import { ApiError, createClient, type TaskEvent } from '../../functions/src/client.ts';
import { wait } from '../../functions/src/coordination/schemas.ts';
import { accountOf, type Account } from './account.ts';
import type { PlannedTask } from './task-plan.ts';

type Client = ReturnType<typeof createClient>;

export interface Callers {
  readonly submitter: Client;
  /** Nobody decides on what they have submitted themselves. */
  readonly approver: Client;
}

/** A task that is not over by then is given up; the account says what it waited for. */
const patienceMs = 5 * 60_000;
const answer = 'Assume a few thousand a day, and that each org sees only its own.';

export const callersOf = (baseUrl: string, tokens: { submitter: string; approver: string }): Callers => ({
  submitter: createClient({ baseUrl, token: () => tokens.submitter }),
  approver: createClient({ baseUrl, token: () => tokens.approver }),
});

/** Throws ApiError when the API refuses. */
const accepted = async <T>(response: Pick<Response, 'ok' | 'json'>): Promise<T> => {
  const body: unknown = await response.json();
  if (!response.ok) throw new ApiError(body as ApiError['problem']);
  return body as T;
};

/** What it asks for may have been settled meanwhile, as when the work was replaced. */
const unlessSettled = async (response: Pick<Response, 'ok' | 'status' | 'json'>): Promise<void> => {
  if (response.status !== 409) await accepted(response);
};

const shownWait = wait.pick({ id: true, kind: true, assignment: true });

const attend = async ({ submitter, approver }: Callers, task: string, { type, data }: TaskEvent): Promise<void> => {
  if (type !== 'task.waiting') return;
  const { id, kind, assignment } = shownWait.strip().parse(data['wait']);
  const { tasks } = submitter.api.v1;
  if (kind === 'input' && assignment !== null)
    await unlessSettled(await tasks[':task'].input.$post({ param: { task }, json: { assignment, answer } }));
  if (kind === 'approval')
    await unlessSettled(
      await approver.api.v1.approvals[':approval'].approve.$post({ param: { approval: id }, json: {} }),
    );
};

const follow = async (callers: Callers, task: string): Promise<TaskEvent[]> => {
  const events: TaskEvent[] = [];
  const signal = AbortSignal.timeout(patienceMs);
  try {
    for await (const event of callers.submitter.followTask(task, { signal })) {
      events.push(event);
      await attend(callers, task, event);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return events;
};

const approvalsOf = async ({ approver }: Callers, task: string): Promise<string[]> => {
  const response = await approver.api.v1.approvals.$get({ query: { task, pageSize: '100' } });
  const { approvals } = await accepted<{ approvals: { subject: { kind: string } }[] }>(response);
  return approvals.map(({ subject }) => subject.kind);
};

export const seeThrough = async (callers: Callers, task: PlannedTask, run: string): Promise<Account> => {
  const header = { 'Idempotency-Key': `${run}-${task.index}` };
  const { id } = await accepted<{ id: string }>(
    await callers.submitter.api.v1.tasks.$post({ json: task.submission, header }),
  );
  const events = await follow(callers, id);
  return accountOf({ task, id, events, approvals: await approvalsOf(callers, id) });
};
