// Cron patterns, read in a time zone. Pure: the clock is an argument.
//
// T1  A run is strictly later than the moment it is asked for after, and on a whole minute.
// T2  A pattern whose minute and hour name times of day (no `*`, no step) runs once for each of them on every day that fits: one
//     that the clock skips in spring runs when the clock has jumped, one that it repeats in autumn runs the first time.
// T3  Any other pattern means an interval: it runs whenever the clock fits, so neither the skipped times nor the repeated ones
//     make the interval longer or shorter.
import { Cron } from 'croner';

const parsed = (cron: string, timeZone: string): Cron =>
  new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard' });

export const nextRun = (cron: string, timeZone: string, after: Date): Date | null =>
  parsed(cron, timeZone).nextRun(after);

export const nextRuns = (cron: string, timeZone: string, after: Date, count: number): Date[] =>
  parsed(cron, timeZone).nextRuns(count, after);

/** The run at `now` or the latest before it. */
export const latestRun = (cron: string, timeZone: string, now: Date): Date | null =>
  parsed(cron, timeZone).previousRuns(1, new Date(now.getTime() + 1))[0] ?? null;

const fiveFields = /^\S+(?:\s+\S+){4}$/;
const anyMoment = new Date(0);

/** Why the text is no pattern that can be run; undefined when it is one. */
export const cronFault = (cron: string): string | undefined => {
  if (!fiveFields.test(cron)) return 'must be five fields: minute, hour, day of month, month, day of week';
  try {
    return nextRun(cron, 'UTC', anyMoment) ? undefined : 'names a date that never comes';
  } catch (error) {
    return `is not a cron pattern: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : ''}`;
  }
};

/** Is it the name of a time zone, such as Europe/Berlin? A bare offset is none: it knows no summer time. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
