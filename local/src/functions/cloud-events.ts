// The HTTP requests that production makes for events: CloudEvents in binary mode, attributes as headers.
import type { IncomingHttpHeaders } from 'node:http';
import type { EventRequest } from './invoke.ts';

export interface PubsubMessage {
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey?: string | undefined;
  /** RFC 3339. */
  readonly publishTime: string;
}

/** A message as Eventarc hands it over; `topic` and `subscription` are full resource names. */
export const messagePublished = (message: PubsubMessage, topic: string, subscription: string): EventRequest => ({
  headers: {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': message.id,
    'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
    'ce-source': `//pubsub.googleapis.com/${topic}`,
    'ce-time': message.publishTime,
  },
  body: Buffer.from(
    JSON.stringify({
      message: {
        data: message.data.toString('base64'),
        messageId: message.id,
        publishTime: message.publishTime,
        attributes: message.attributes,
        ...(message.orderingKey ? { orderingKey: message.orderingKey } : {}),
      },
      subscription,
    }),
  ),
});

/**
 * An event as the Firestore emulator posts it: already a CloudEvent in binary mode, but its protobuf body is base64 text, and
 * `ce-datacontenttype`, by which firebase-functions knows the body as protobuf, is not always there.
 */
export const documentChanged = (headers: IncomingHttpHeaders, body: Buffer): EventRequest => ({
  headers: {
    ...Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (name.startsWith('ce-') ? [[name, String(value)]] : [])),
    ),
    'ce-specversion': '1.0',
    'ce-datacontenttype': 'application/protobuf',
    'content-type': 'application/protobuf',
  },
  body: Buffer.from(body.toString('latin1'), 'base64'),
});

/** A firing of Cloud Scheduler. */
export const scheduleFired = (jobName: string, time: Date): EventRequest => ({
  headers: {
    'x-cloudscheduler': 'true',
    'x-cloudscheduler-jobname': jobName,
    'x-cloudscheduler-scheduletime': time.toISOString(),
  },
  body: Buffer.alloc(0),
});
