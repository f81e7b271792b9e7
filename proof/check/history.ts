// The documents of an org, sorted into the histories of its tasks. Pure.
import type { z } from 'zod';
import {
  artifactRecord,
  assignmentRecord,
  effectRecord,
  eventRecord,
  noteRecord,
  taskRecord,
  type ArtifactRecord,
  type AssignmentRecord,
  type EffectRecord,
  type EventRecord,
  type NoteRecord,
  type TaskRecord,
} from './records.ts';
import type { Violation } from './violation.ts';

/** A document as it is stored. */
export interface StoredDocument {
  readonly path: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All that is stored under one task, also when the task itself is missing. */
export interface TaskHistory {
  readonly org: string;
  readonly id: string;
  readonly task: TaskRecord | undefined;
  readonly assignments: readonly AssignmentRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  readonly notes: readonly NoteRecord[];
  readonly effects: readonly EffectRecord[];
  readonly reports: number;
  /** The events of each stream by seq; the task's own stream is `task`. */
  readonly streams: ReadonlyMap<string, readonly EventRecord[]>;
}

export const taskStream = 'task';

export interface Histories {
  readonly tasks: readonly TaskHistory[];
  /** Documents that do not fit what the checker knows of them. */
  readonly unreadable: readonly Violation[];
}

export const historiesOf = (documents: readonly StoredDocument[]): Histories => {
  const unreadable: Violation[] = [];
  const byTask = Map.groupBy(
    documents.filter(({ path }) => placeOf(path).task),
    ({ path }) => path.split('/').slice(0, 4).join('/'),
  );
  const tasks = [...byTask].map(([path, inTask]) => historyOf(path, inTask, unreadable));
  return { tasks, unreadable };
};

/** The org, and the task if there is one, that the document lies under or is. */
export const placeOf = (path: string) => {
  const [, org = '', kind, id] = path.split('/');
  return { org, ...(kind === 'tasks' && id !== undefined ? { task: id } : {}) };
};

const historyOf = (path: string, documents: readonly StoredDocument[], unreadable: Violation[]): TaskHistory => {
  const { org, task: id = '' } = placeOf(path);
  const parse = <S extends z.ZodType>(schema: S, document: StoredDocument): z.output<S>[] => {
    const parsed = schema.safeParse(document.data);
    if (parsed.success) return [parsed.data];
    const issue = parsed.error.issues[0];
    const detail = `${document.path} cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    unreadable.push({ invariant: 'C4', org, task: id, detail });
    return [];
  };
  const inCollection = (name: string) => documents.filter((each) => isDirectlyIn(`${path}/${name}`, each.path));
  const all = <S extends z.ZodType>(schema: S, name: string) =>
    inCollection(name).flatMap((each) => parse(schema, each));
  const events = all(eventRecord, 'events').toSorted((a, b) => a.seq - b.seq);
  const own = documents.find((each) => each.path === path);
  return {
    org,
    id,
    task: own && parse(taskRecord, own)[0],
    assignments: all(assignmentRecord, 'assignments').toSorted((a, b) => a.ordinal - b.ordinal),
    artifacts: all(artifactRecord, 'artifacts'),
    notes: all(noteRecord, 'scratchpad'),
    effects: all(effectRecord, 'effects'),
    reports: inCollection('reports').length,
    streams: Map.groupBy(events, ({ stream }) => stream),
  };
};

const isDirectlyIn = (collection: string, path: string) => path.slice(0, path.lastIndexOf('/')) === collection;

const terminalTasks: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled', 'rejected']);
const terminalAssignments: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

export const isTaskOver = ({ state }: { readonly state: string }) => terminalTasks.has(state);
export const isAssignmentOver = ({ state }: { readonly state: string }) => terminalAssignments.has(state);

/** The event with which a task ended, if it has. */
export const endOf = ({ streams }: TaskHistory): EventRecord | undefined =>
  streams.get(taskStream)?.find(({ type }) => terminalTasks.has(type.replace('task.', '')));

/** The event with which the assignment's work began to count. */
export const successOf = ({ streams }: TaskHistory, assignment: string): EventRecord | undefined =>
  streams.get(assignment)?.find(({ type }) => type === 'assignment.succeeded' || type === 'assignment.adopted');
