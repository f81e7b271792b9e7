import type { Task } from './schemas.ts';

/** The uid of the person who submitted the task, or who set up or started its schedule; null where nobody did in person. */
export const submitterOf = ({ submittedBy }: Pick<Task, 'submittedBy'>): string | null =>
  submittedBy.channel === 'pubsub' ? null : (submittedBy.uid ?? null);
