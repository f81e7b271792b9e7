// A message as it leaves the service. Pure.
import { wire } from '../platform/http/wire.ts';
import type { Message, Webhook } from './schemas.ts';

export const topicOf = ({ kind }: Message): string =>
  kind === 'lateral' ? 'coordination-messages' : 'coordination-reports';

/** What comes with the body on a topic, where the body is the specification's message and nothing else. */
export const attributesOf = ({ org, to, kind, id, task }: Message): Record<string, string> => ({
  org,
  to,
  kind,
  messageId: id,
  ...(task !== null && { task }),
});

/** A webhook has no attributes, so what comes with the body is around it. */
export const webhookBody = ({ id, org, kind, to, task, subject, createdAt, body }: Message): string =>
  JSON.stringify(wire({ id, org, kind, to, task, subject, createdAt, body }));

export const wants = ({ disabled, kinds, to }: Webhook, message: Message): boolean =>
  !disabled && kinds.includes(message.kind) && to.includes(message.to);
