// What the operations of this domain share.
import { z } from '@hono/zod-openapi';
import { scheduleId } from '../schemas.ts';

export const tags = ['Schedules'];

export const inSchedule = z.object({ schedule: scheduleId.meta({ example: 'sch_5d2e8f7a90b1c3d4e6f7' }) });
