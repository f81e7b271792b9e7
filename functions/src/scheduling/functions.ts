import { onSchedule } from 'firebase-functions/v2/scheduler';
import { region } from '../config.ts';
import { databaseTime } from '../platform/firestore.ts';

/** Hands in the tasks of the schedules that are due. No other function needs the code, so it is loaded on first use. */
export const runSchedules = onSchedule(
  { schedule: 'every 1 minutes', region, timeoutSeconds: 300, memory: '512MiB' },
  async () => {
    const { runDueSchedules } = await import('./run-due-schedules.ts');
    await runDueSchedules(databaseTime());
  },
);
