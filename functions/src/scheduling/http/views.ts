// The records as callers see them. What only concerns us stays out: hashes, what is still to be handed in, the org they know.
import { z } from '@hono/zod-openapi';
import { wire } from '../../platform/http/wire.ts';
import {
  refusal,
  schedule,
  scheduleChanges,
  scheduleRun,
  scheduleSettings,
  type Schedule,
  type ScheduleRun,
} from '../schemas.ts';
import { upcoming } from '../slots.ts';

const time = z.iso.datetime();

// `.extend` makes a schema anew: one that was made before @hono/zod-openapi was loaded has no `.openapi`.

export const scheduleSettingsView = scheduleSettings.extend({}).openapi('ScheduleSettings', {
  example: {
    name: 'Weekday review',
    cron: '0 9 * * 1-5',
    timeZone: 'Europe/Berlin',
    submission: { title: 'Review the rate limits of the public API', category: 'performance' },
  },
});

export const scheduleChangesView = scheduleChanges
  .extend({})
  .openapi('ScheduleChanges', { example: { cron: '30 9 * * 1-5' } });

const refusalView = refusal.extend({ at: time }).openapi('RunRefusal');

export const scheduleView = schedule
  .omit({ org: true, requestHash: true })
  .extend({
    lastRunAt: time.nullable().openapi({ description: 'When a task was last handed in, or was to be.' }),
    lastError: refusalView.nullable().openapi({ description: 'Why the last run was refused; it is not tried again.' }),
    lastSkippedAt: time.nullable().openapi({ description: 'The last run that was left out, see `overlap`.' }),
    nextRunAt: time.nullable().openapi({ description: 'Null while it is paused.' }),
    upcoming: z.array(time).openapi({ description: 'The next five runs.' }),
    createdAt: time,
    updatedAt: time,
  })
  .openapi('Schedule');

const upcomingShown = 5;

export const viewSchedule = (record: Schedule) => {
  const { org: _org, requestHash: _requestHash, ...shown } = record;
  return wire({ ...shown, upcoming: upcoming(record, upcomingShown) });
};

export const runView = scheduleRun
  .omit({ org: true, request: true })
  .extend({
    slot: time.nullable().openapi({ description: 'The moment it was due; null when somebody asked for it.' }),
    beganAt: time,
    error: refusalView.nullable(),
  })
  .openapi('ScheduleRun');

export const viewRun = ({ org: _org, request: _request, ...shown }: ScheduleRun) => wire(shown);
