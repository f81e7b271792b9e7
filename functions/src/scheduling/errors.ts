import { defineErrors } from '../platform/errors.ts';

export const schedulingErrors = defineErrors('scheduling', {
  scheduleNotFound: { status: 404, title: 'There is no such schedule', retry: 'never' },
  keyReused: { status: 409, title: 'The idempotency key was used with another request', retry: 'never' },
  tooManySchedules: { status: 422, title: 'The organisation has as many schedules as it may have', retry: 'never' },
});
