// When a schedule fires next. Cloud Scheduler takes cron expressions and the App Engine syntax ("every 5 minutes",
// "every monday 09:00"); both are understood here.
import { Cron } from 'croner';
import { SuiteError } from '../errors.ts';

export interface Schedule {
  /** The first firing strictly after `from`. */
  readonly next: (from: Date) => Date;
}

const unitMs = { minute: 60_000, hour: 3_600_000 } as const;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const interval = /^every (?:(\d+) )?(min(?:ute)?|hour)s?$/;
const timeOfDay = /^every ([a-z, ]+?) (\d{1,2}):(\d{2})$/;

/** Reads a schedule; `timeZone` is an IANA name. Throws SuiteError when the text is no schedule. */
export const parseSchedule = (text: string, timeZone = 'UTC'): Schedule => {
  const normal = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const every = interval.exec(normal);
  if (every) return fixedInterval(Number(every[1] ?? 1), every[2] === 'hour' ? unitMs.hour : unitMs.minute, text);
  return cron(appEngineToCron(normal) ?? text.trim(), timeZone, text);
};

// Counted from the epoch, so that all processes agree when "every 5 minutes" is.
const fixedInterval = (count: number, ms: number, text: string): Schedule => {
  if (count < 1) throw notASchedule(text);
  const period = count * ms;
  return { next: (from) => new Date((Math.floor(from.getTime() / period) + 1) * period) };
};

const appEngineToCron = (text: string): string | undefined => {
  const [, days, hour, minute] = timeOfDay.exec(text) ?? [];
  if (days === undefined) return undefined;
  if (days === 'day') return `${Number(minute)} ${Number(hour)} * * *`;
  const numbers = days
    .split(/[, ]+/)
    .map((day) => weekdays.findIndex((name) => name === day || name.slice(0, 3) === day));
  return numbers.includes(-1) ? undefined : `${Number(minute)} ${Number(hour)} * * ${numbers.join(',')}`;
};

const cron = (pattern: string, timeZone: string, text: string): Schedule => {
  const job = parseCron(pattern, timeZone, text);
  return {
    next: (from) => {
      const next = job.nextRun(from);
      if (!next) throw notASchedule(text);
      return next;
    },
  };
};

const parseCron = (pattern: string, timezone: string, text: string) => {
  try {
    return new Cron(pattern, { timezone, mode: '5-part', paused: true });
  } catch (cause) {
    throw notASchedule(text, cause);
  }
};

const notASchedule = (text: string, cause?: unknown) =>
  new SuiteError(
    `"${text}" is not a schedule.`,
    'Use a cron expression such as "*/5 * * * *", or "every 5 minutes", "every day 09:30", "every monday 09:00".',
    { cause },
  );
