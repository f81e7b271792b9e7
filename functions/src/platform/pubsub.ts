// The one door to Pub/Sub for sending. Sending twice is harmless (C9), so a failure is simply thrown: the caller is run again.
import type { PubSub, Topic } from '@google-cloud/pubsub';
import { cross } from './crossings.ts';

let client: Promise<PubSub> | undefined;
const topics = new Map<string, Topic>();

// Loaded on first use: it costs a third of a cold start, and many instances never publish.
const topicNamed = async (name: string): Promise<Topic> => {
  client ??= import('@google-cloud/pubsub').then(({ PubSub }) => new PubSub());
  const topic = topics.get(name) ?? (await client).topic(name, { batching: { maxMilliseconds: 2 } });
  topics.set(name, topic);
  return topic;
};

/** Publishes one JSON message and resolves with its id once the server has it. */
export const publish = async (
  topicName: string,
  json: unknown,
  attributes: Record<string, string>,
): Promise<string> => {
  const topic = await topicNamed(topicName);
  return cross('pubsub.publish', () =>
    topic.publishMessage({ data: Buffer.from(JSON.stringify(json, bigintAsString)), attributes }),
  );
};

const bigintAsString = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
