// From a submitted task to assignments on their way: analysis, plan, and one commit that makes the plan's records.
//
// A model is asked only when the caller left something to decide; then the intent is committed first (C3), and whatever the model
// answers, or does not, a plan comes out.
import { randomUUID } from 'node:crypto';
import { agentsOf } from '../agents/index.ts';
import { complete, LlmFailure, type Gateway, type LlmCall, type LlmRequest } from '../llm/index.ts';
import { databaseNow, databaseTime, isLostRace, type Stored } from '../platform/firestore.ts';
import { jsonOrUndefined } from '../platform/json.ts';
import { widthOf } from './admission.ts';
import { analyse, classificationRequest, classifyByKeywords, taskAnalysis, type TaskAnalysis } from './analysis.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { createdEvents } from './directive.ts';
import { dispatch } from './dispatch.ts';
import { instanceId, whileAlive, writeHeartbeat } from './instance.firestore.ts';
import { inheritanceOf, inheritPlan } from './inherit-plan.ts';
import { templatePlan } from './plan.ts';
import { onConflict } from './on-conflict.ts';
import { proposalRequest, readProposal } from './proposal.ts';
import type { Analysis, PlannedAssignment, Submission, Task } from './schemas.ts';
import { hasOpenAnalysis } from './task-state.ts';
import { findTask, saveTask } from './task-store.firestore.ts';

const decisionTimeoutMs = 60_000;

/** Plans a task that is `submitted` or whose analysis was left unfinished. False when it had changed meanwhile. */
export const planTask = async (stored: Stored<Task>, gateway: Gateway): Promise<boolean> => {
  const run = randomUUID();
  return whileAlive(run, async () => {
    try {
      const inheritance = await inheritanceOf(stored.value);
      if (inheritance) {
        await inheritPlan(stored, inheritance);
        return true;
      }
      const task = needsModel(stored.value.submission) ? await beginAnalysis(stored, run) : stored;
      const decided = await decide(task.value, gateway);
      return await savePlanOrSpend(task, decided);
    } catch (error) {
      if (isLostRace(error)) return false;
      throw error;
    }
  });
};

/** R4 of settle-assignment.ts holds here too. */
const savePlanOrSpend = async (task: Stored<Task>, decided: Decided): Promise<boolean> => {
  try {
    await savePlan(task, decided);
    return true;
  } catch (error) {
    if (!isLostRace(error)) throw error;
    const current = await findTask(task.value.org, task.value.id);
    // Nothing has happened to it but that the sweeper looked.
    if (current && current.value.seq === task.value.seq) return savePlanOrSpend(current, decided);
    if (hasOpenAnalysis(task.value)) await recordSpend(task.value, [...decided.analysisCalls, ...decided.planCalls]);
    return false;
  }
};

const recordSpend = async (
  { org, id, epoch }: Pick<Task, 'org' | 'id' | 'epoch'>,
  calls: readonly LlmCall[],
): Promise<void> => {
  const stored = await findTask(org, id);
  if (!stored) return;
  const spent = { type: 'task.spend_recorded' as const, data: { epoch, calls: [...calls] } };
  await onConflict(
    async () => {
      await saveTask({ org, id, task: taskChange(stored, [spent], databaseTime()) });
    },
    () => recordSpend({ org, id, epoch }, calls),
  );
};

const needsModel = ({ category, planning, plan }: Submission) => !category || (planning === 'proposed' && !plan);

const beginAnalysis = async (stored: Stored<Task>, run: string): Promise<Stored<Task>> => {
  const { org, id, epoch } = stored.value;
  const now = databaseTime();
  const lostCall = hasOpenAnalysis(stored.value);
  const data = { epoch: epoch + 1, owner: { instance: instanceId, run, message: id }, lostCall };
  const change = taskChange(stored, [{ type: 'task.analyzing', data }], now);
  const revision = await saveTask({ org, id, task: change, also: (batch) => writeHeartbeat(batch, now) });
  return { value: change.after, revision };
};

interface Decided {
  readonly analysis: Analysis;
  readonly analysisCalls: readonly LlmCall[];
  readonly plan: readonly PlannedAssignment[];
  readonly origin: 'template' | 'llm' | 'caller';
  readonly proposalRejected: string | null;
  readonly planCalls: readonly LlmCall[];
}

const decide = async ({ org, submission }: Task, gateway: Gateway): Promise<Decided> => {
  const { analysis, calls } = await classify(submission, gateway);
  const base = { analysis, analysisCalls: calls, proposalRejected: null, planCalls: [] };
  if (submission.plan) return { ...base, plan: submission.plan, origin: 'caller' };
  const template = { ...base, plan: templatePlan(analysis.category, analysis.primary), origin: 'template' as const };
  if (submission.planning === 'template') return template;
  const enabled = (await agentsOf(org)).filter((agent) => agent.enabled);
  const answer = await ask(gateway, proposalRequest(submission, analysis, enabled));
  const proposed = answer.text === undefined ? { rejected: answer.why } : readProposal(answer.text, enabled);
  return 'plan' in proposed
    ? { ...base, plan: proposed.plan, origin: 'llm', planCalls: answer.calls }
    : { ...template, proposalRejected: proposed.rejected, planCalls: answer.calls };
};

const classify = async (
  submission: Submission,
  gateway: Gateway,
): Promise<{ analysis: Analysis; calls: readonly LlmCall[] }> => {
  const { category, priority } = submission;
  if (category) {
    const found: TaskAnalysis = { category, priority: priority ?? 'medium', reason: 'named by the caller' };
    return { analysis: analyse(submission, found, 'caller'), calls: [] };
  }
  const answer = await ask(gateway, classificationRequest(submission));
  const found = taskAnalysis.safeParse(answer.text === undefined ? undefined : jsonOrUndefined(answer.text));
  return found.success
    ? { analysis: analyse(submission, found.data, 'llm'), calls: answer.calls }
    : { analysis: analyse(submission, classifyByKeywords(submission), 'keywords'), calls: answer.calls };
};

interface Answer {
  readonly text: string | undefined;
  readonly why: string;
  readonly calls: readonly LlmCall[];
}

/** No answer is an answer here: there is always a way on without a model. */
const ask = async (gateway: Gateway, request: LlmRequest): Promise<Answer> => {
  const deadlineAt = new Date(databaseNow() + decisionTimeoutMs);
  try {
    const { text, calls } = await complete(gateway, request, {
      signal: AbortSignal.timeout(decisionTimeoutMs),
      deadlineAt,
      now: databaseTime,
    });
    return { text, why: '', calls };
  } catch (error) {
    if (!(error instanceof LlmFailure)) throw error;
    return { text: undefined, why: `no model answered: ${error.detail}`, calls: error.calls };
  }
};

const savePlan = async (stored: Stored<Task>, decided: Decided): Promise<void> => {
  const { org, id, submission, deadlineAt } = stored.value;
  const { analysis, plan } = decided;
  const now = databaseTime();
  const { title, description, service, budgetNanoUsd } = submission;
  const budget = budgetNanoUsd === undefined ? null : BigInt(budgetNanoUsd);
  const brief = { title, description, service: service ?? null, category: analysis.category, budgetNanoUsd: budget };
  const created = createdEvents(plan, { org, task: id, priority: analysis.priority, brief, deadlineAt });
  const assignments = created.map((event) => assignmentChange(undefined, [event], now));
  const task = taskChange(
    stored,
    [
      { type: 'task.analyzed', data: { analysis, calls: [...decided.analysisCalls] } },
      {
        type: 'task.planned',
        data: {
          origin: decided.origin,
          proposalRejected: decided.proposalRejected,
          assignments: plan.map((each) => each.id),
          width: widthOf(plan),
          calls: [...decided.planCalls],
        },
      },
      { type: 'task.working', data: {} },
    ],
    now,
  );
  const revision = await saveTask({ org, id, task, assignments });
  const ready = assignments.filter(({ after }) => after.state === 'ready');
  await Promise.all(ready.map(({ after }) => dispatch({ value: after, revision })));
};
