// An escalation as callers see it: without what only concerns us.
import { z } from '@hono/zod-openapi';
import { wire } from '../../../platform/http/wire.ts';
import { escalation, historyEntry, type Escalation } from '../schemas.ts';

const time = z.iso.datetime();
const at = { at: time };
const [raised, told, worsened, reopened, lapsed, acknowledged, resolved] = historyEntry.options;
const entry = z.discriminatedUnion('type', [
  raised.extend(at),
  told.extend(at),
  worsened.extend(at),
  reopened.extend(at),
  lapsed.extend(at),
  acknowledged.extend(at),
  resolved.extend(at),
]);

export const escalationView = escalation
  .omit({ org: true, cause: true })
  .extend({
    lastSeenAt: time,
    ladderFrom: time.nullable().openapi({
      description: 'What the minutes of the ladder count from, once it has begun anew; null: from `createdAt`.',
    }),
    lapsedAt: time.nullable().openapi({ description: 'When silence had lasted so long that the default applied.' }),
    acknowledgement: escalation.shape.acknowledgement.unwrap().extend(at).nullable(),
    resolution: escalation.shape.resolution.unwrap().extend(at).nullable(),
    history: z.array(entry).openapi({ description: 'What happened to it, the first thing first.' }),
    createdAt: time,
    wakeAt: time.nullable().openapi({ description: 'When the next party is told, or the default on silence applies.' }),
  })
  .openapi('Escalation');

export const viewEscalation = ({ org: _org, cause: _cause, ...shown }: Escalation) => wire(shown);
