// What the operations on agents share.
import { z } from '@hono/zod-openapi';
import { webhookAllowPrivate } from '../../config.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { Caller } from '../../platform/http/env.ts';
import { specialistId } from '../schemas.ts';
import type { Edit } from '../register-agent.ts';

export const inAgent = z.object({ agent: specialistId.meta({ example: 'api-designer' }) });

/** Who edits, for whom, and when. */
export const editBy = ({ org, uid }: Caller): Edit => ({
  org,
  by: uid,
  now: databaseTime(),
  allowPrivate: webhookAllowPrivate.value(),
});
