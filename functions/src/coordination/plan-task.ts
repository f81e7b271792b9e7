// From a submitted task to assignments on their way: analysis, plan, and one commit that makes the plan's records.
//
// A model is asked only when the caller left something to decide; then the intent is committed first (C3), and whatever the model
// answers, or does not, a plan comes out. None is asked for a task that is over (C6), nor once its budget is spent, nor once more after
// so many analyses died.
import { randomUUID } from 'node:crypto';
import { agentsOf } from '../agents/index.ts';
import { policyOf } from '../governance/index.ts';
import { usualGates } from '../governance/schemas.ts';
import { complete, LlmFailure, type Gateway, type LlmCall, type LlmRequest } from '../llm/index.ts';
import { isError } from '../platform/errors.ts';
import { databaseNow, databaseTime, isLostRace, storeErrors, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { widthOf } from './admission.ts';
import {
  analyse,
  classificationRequest,
  classifyByKeywords,
  readClassification,
  type TaskAnalysis,
} from './analysis.ts';
import { budgetOf, isSpent } from './budget.ts';
import { abortOnCancel } from './cancellations.firestore.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { servicesOf } from './designs.firestore.ts';
import { createdEvents } from './directive.ts';
import { dispatch } from './dispatch.ts';
import { instanceId, whileAlive, writeHeartbeat } from './instance.firestore.ts';
import { inheritanceOf, inheritPlan } from './inherit-plan.ts';
import { templatePlan } from './plan.ts';
import { onConflict } from './on-conflict.ts';
import { proposalRequest, readProposal } from './proposal.ts';
import { serviceNamedIn } from './services.ts';
import type { Analysis, Assignment, PlannedAssignment, Submission, Task } from './schemas.ts';
import { hasOpenAnalysis } from './task-state.ts';
import { findTask, saveTask } from './task-store.firestore.ts';

/** Together with what else planning takes, less than its function may run. */
const classificationTimeoutMs = 60_000;
const proposalTimeoutMs = 180_000;
/** After so many, what is planned must be what ends them. */
const maxAnalyses = 10;

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
      if (needsModel(stored.value.submission)) return await planWithModel(stored, run, gateway);
      return await startPlan(stored, await decide(stored.value, withoutModel));
    } catch (error) {
      if (!isLostRace(error)) throw error;
      const current = await onlyLookedAt(stored);
      return current ? planTask(current, gateway) : false;
    }
  });
};

/** The task as it is now, if nothing has happened to it since but that the sweeper looked. */
const onlyLookedAt = async ({ value, revision }: Stored<Task>): Promise<Stored<Task> | undefined> => {
  const current = await findTask(value.org, value.id);
  return current?.value.seq === value.seq && current.revision !== revision ? current : undefined;
};

const planWithModel = async (stored: Stored<Task>, run: string, gateway: Gateway): Promise<boolean> => {
  const task = await beginAnalysis(stored, run);
  const { org, id, epoch, deadlineAt } = task.value;
  if (epoch > maxAnalyses) return startPlan(task, await decide(task.value, withoutModel));
  const controller = new AbortController();
  const watch = abortOnCancel(org, id, controller);
  try {
    await watch.begun;
    const ask = asking(gateway, { signal: controller.signal, deadlineAt });
    const decided = await decide(task.value, withinBudget(task.value, ask));
    return await startPlan(task, decided);
  } finally {
    watch.stop();
  }
};

/** False when the task had changed meanwhile. What cannot be sent of a plan that is saved is sent by whoever looks at the task next. */
const startPlan = async (task: Stored<Task>, decided: Decided): Promise<boolean> => {
  const ready = await savePlanOrSpend(task, decided);
  await Promise.all((ready ?? []).map((each) => dispatch(each)));
  return ready !== undefined;
};

/** What may start. R4 of settle-assignment.ts holds here too, whatever was in the way. */
const savePlanOrSpend = async (task: Stored<Task>, decided: Decided): Promise<Stored<Assignment>[] | undefined> => {
  try {
    return await savePlan(task, decided);
  } catch (error) {
    // It may be planned: whoever comes next will see.
    if (isError(error, storeErrors.outcomeUnknown)) throw error;
    const isLost = isLostRace(error);
    const current = isLost && (await onlyLookedAt(task));
    if (current) return savePlanOrSpend(current, decided);
    if (hasOpenAnalysis(task.value)) await recordSpend(task.value, [...decided.analysisCalls, ...decided.planCalls]);
    if (!isLost) throw error;
    return undefined;
  }
};

const recordSpend = (
  { org, id, epoch }: Pick<Task, 'org' | 'id' | 'epoch'>,
  calls: readonly LlmCall[],
): Promise<void> =>
  onConflict(async () => {
    const stored = await findTask(org, id);
    if (!stored) return;
    const spent = { type: 'task.spend_recorded' as const, data: { epoch, calls: [...calls] } };
    await saveTask({ org, id, task: taskChange(stored, [spent], databaseTime()) });
  });

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

const authors = { template: 'coordinator', llm: 'model', caller: 'caller' } as const;

const decide = async ({ org, submission }: Task, ask: Ask): Promise<Decided> => {
  const [{ analysis: classified, calls }, service] = await Promise.all([
    classify(submission, ask),
    submission.service ?? findService(org, submission),
  ]);
  const analysis = { ...classified, service: service ?? null };
  const base = { analysis, analysisCalls: calls, proposalRejected: null, planCalls: [] };
  if (submission.plan) return { ...base, plan: submission.plan, origin: 'caller' };
  const { category, primary, support } = analysis;
  const template = { ...base, plan: templatePlan(category, primary, support), origin: 'template' as const };
  if (submission.planning === 'template') return template;
  const [agents, { requiredGates }] = await Promise.all([agentsOf(org), policyOf(org)]);
  const enabled = agents.filter((agent) => agent.enabled);
  const suiting = { analysis, agents: enabled, requiredGates: requiredGates ?? usualGates };
  const answer = await ask(proposalRequest(submission, suiting), proposalTimeoutMs);
  const proposed = answer.text === undefined ? { rejected: answer.why } : readProposal(answer.text, suiting);
  return 'plan' in proposed
    ? { ...base, plan: proposed.plan, origin: 'llm', planCalls: answer.calls }
    : { ...template, proposalRejected: proposed.rejected, planCalls: answer.calls };
};

const findService = async (org: OrgId, submission: Submission): Promise<string | undefined> =>
  serviceNamedIn(submission, await servicesOf(org));

const classify = async (
  submission: Submission,
  ask: Ask,
): Promise<{ analysis: Analysis; calls: readonly LlmCall[] }> => {
  const { category, priority } = submission;
  if (category) {
    const found: TaskAnalysis = { category, priority: priority ?? 'medium', reason: 'named by the caller' };
    return { analysis: analyse(submission, found, 'caller'), calls: [] };
  }
  const answer = await ask(classificationRequest(submission), classificationTimeoutMs);
  const found = answer.text === undefined ? undefined : readClassification(answer.text);
  return found
    ? { analysis: analyse(submission, found, 'llm'), calls: answer.calls }
    : { analysis: analyse(submission, classifyByKeywords(submission), 'keywords'), calls: answer.calls };
};

interface Answer {
  readonly text: string | undefined;
  readonly why: string;
  readonly calls: readonly LlmCall[];
}

/** No answer is an answer here: there is always a way on without a model. */
type Ask = (request: LlmRequest, timeoutMs: number) => Promise<Answer>;

const withoutModel: Ask = () =>
  Promise.resolve({ text: undefined, why: 'no model is asked any more, as so many analyses died', calls: [] });

/** Asks as long as the task's budget is not spent, by the analyses before and by this one. */
const withinBudget = ({ submission, calls }: Task, ask: Ask): Ask => {
  let paid: readonly LlmCall[] = calls;
  return async (request, timeoutMs) => {
    if (isSpent(budgetOf(submission), paid)) {
      return { text: undefined, why: 'the budget of the task is spent', calls: [] };
    }
    const answer = await ask(request, timeoutMs);
    paid = [...paid, ...answer.calls];
    return answer;
  };
};

const asking =
  (gateway: Gateway, limits: { readonly signal: AbortSignal; readonly deadlineAt: Date }): Ask =>
  async (request, timeoutMs) => {
    const deadlineAt = new Date(Math.min(limits.deadlineAt.getTime(), databaseNow() + timeoutMs));
    const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const { text, calls } = await complete(gateway, request, { signal, deadlineAt, now: databaseTime });
      return { text, why: '', calls };
    } catch (error) {
      if (!(error instanceof LlmFailure)) throw error;
      return { text: undefined, why: `no model answered: ${error.detail}`, calls: error.calls };
    }
  };

const savePlan = async (stored: Stored<Task>, decided: Decided): Promise<Stored<Assignment>[]> => {
  const { org, id, submission, deadlineAt } = stored.value;
  const { analysis, plan } = decided;
  const now = databaseTime();
  const { title, description } = submission;
  const budgetNanoUsd = budgetOf(submission);
  const brief = { title, description, service: analysis.service, category: analysis.category, budgetNanoUsd };
  const author = { kind: authors[decided.origin] };
  const created = createdEvents(plan, { org, task: id, priority: analysis.priority, brief, deadlineAt, author });
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
  return assignments.filter(({ after }) => after.state === 'ready').map(({ after }) => ({ value: after, revision }));
};
