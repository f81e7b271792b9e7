// What a task came to, read off its events. Pure.
import { z } from 'zod';
import type { PlannedTask } from './task-plan.ts';

/** An event as the API shows it; what of its data is not named here is not looked at. */
const readEvent = z.object({
  type: z.string(),
  stream: z.string(),
  at: z.coerce.date(),
  data: z.object({
    round: z.int().optional(),
    supersedes: z.string().nullish(),
    failure: z.object({ code: z.string(), detail: z.string() }).optional(),
    spend: z.object({ llmCalls: z.int(), tokens: z.int() }).optional(),
    gates: z.array(z.object({ gate: z.string(), status: z.string() })).optional(),
    wait: z.object({ kind: z.string(), reason: z.string() }).optional(),
  }),
});
type ReadEvent = z.output<typeof readEvent>;

/** Anything else than these is a task that was not over when the run gave it up. */
export const endings = ['completed', 'failed', 'canceled', 'rejected'] as const;
export type State = (typeof endings)[number] | 'not over';

export interface Account {
  readonly index: number;
  readonly id: string;
  readonly title: string;
  readonly state: State;
  /** Why it is not completed; undefined when it is. */
  readonly cause: string | undefined;
  /** How often the review that came around most often looked again. */
  readonly rounds: number;
  /** Artifacts that were made again. */
  readonly reworks: number;
  /** The kind of each approval request. */
  readonly approvals: readonly string[];
  readonly questions: number;
  /** Answers that were refused and sent back. */
  readonly repairs: number;
  readonly calls: number;
  readonly tokens: number;
  readonly seconds: number;
}

export interface Heard {
  readonly task: PlannedTask;
  readonly id: string;
  /** As the API sent them, in order. */
  readonly events: readonly unknown[];
  readonly approvals: readonly string[];
}

const stateAfter = (last: ReadEvent | undefined): State =>
  endings.find((ending) => last?.type === `task.${ending}`) ?? 'not over';

const failureOf = ({ data }: ReadEvent): string =>
  data.failure ? `${data.failure.code}: ${data.failure.detail}` : 'No failure is on record.';

const causeOf = (events: readonly ReadEvent[], end: ReadEvent | undefined): string => {
  const parts = events.filter(({ type }) => type === 'assignment.failed');
  const gates = events.findLast(({ data }) => data.gates)?.data.gates ?? [];
  const wait = events.findLast(({ type }) => type === 'task.waiting')?.data.wait;
  return [
    ...(end ? [failureOf(end)] : []),
    ...parts.map((part) => `Assignment ${part.stream}: ${failureOf(part)}`),
    ...gates.filter(({ status }) => status === 'failed').map(({ gate }) => `Gate ${gate} failed.`),
    ...(end || !wait ? [] : [`It last waited for ${wait.kind}: ${wait.reason}`]),
  ].join(' ');
};

const reviewed = (events: readonly ReadEvent[]): Pick<Account, 'rounds' | 'reworks'> => {
  const created = events.filter(({ type }) => type === 'assignment.created').map(({ data }) => data);
  return {
    rounds: Math.max(0, ...created.map(({ round = 0 }) => round)),
    reworks: created.filter(({ supersedes, round = 0 }) => typeof supersedes === 'string' && round === 0).length,
  };
};

const secondsUntil = (end: ReadEvent | undefined, events: readonly ReadEvent[]): number => {
  const [first] = events;
  const last = end ?? events.at(-1);
  return first && last ? (last.at.getTime() - first.at.getTime()) / 1_000 : 0;
};

export const accountOf = ({ task, id, events: heard, approvals }: Heard): Account => {
  const events = heard.map((each) => readEvent.parse(each));
  const count = (type: string) => events.filter((each) => each.type === type).length;
  const end = events.findLast(({ type }) => endings.some((ending) => type === `task.${ending}`));
  const state = stateAfter(end);
  return {
    index: task.index,
    id,
    title: task.submission.title,
    state,
    cause: state === 'completed' ? undefined : causeOf(events, end),
    ...reviewed(events),
    approvals,
    questions: count('assignment.input_requested'),
    repairs: count('assignment.artifact_rejected'),
    calls: end?.data.spend?.llmCalls ?? 0,
    tokens: end?.data.spend?.tokens ?? 0,
    seconds: secondsUntil(end, events),
  };
};
