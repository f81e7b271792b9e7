// The one door to Pub/Sub for sending. Sending twice is harmless (C9), so a failure is simply thrown: the caller is run again, or whoever
// asked comes again.
import type { PubSub, Topic } from '@google-cloud/pubsub';
import { cross } from './crossings.ts';
import { AppError, defineErrors } from './errors.ts';

export const pubsubErrors = defineErrors('pubsub', {
  unavailable: { status: 503, title: 'A message could not be sent, try again', retry: 'later' },
});

let client: Promise<PubSub> | undefined;
const topics = new Map<string, Topic>();

// Loaded on first use: it costs a third of a cold start, and many instances never publish.
const connected = (): Promise<PubSub> => (client ??= import('@google-cloud/pubsub').then(({ PubSub }) => new PubSub()));

const topicNamed = async (name: string): Promise<Topic> => {
  const topic = topics.get(name) ?? (await connected()).topic(name, { batching: { maxMilliseconds: 2 } });
  topics.set(name, topic);
  return topic;
};

type Sending = Parameters<typeof send>;

/** Publishes one JSON message and resolves with its id once the server has it. Throws `pubsub.unavailable`. */
export const publish = async (...sending: Sending): Promise<string> => {
  try {
    return await send(...sending);
  } catch (error) {
    throw new AppError(pubsubErrors.unavailable, { cause: error });
  }
};

const send = async (topicName: string, json: unknown, attributes: Record<string, string>): Promise<string> => {
  const topic = await topicNamed(topicName);
  return cross('pubsub.publish', () =>
    topic.publishMessage({ data: Buffer.from(JSON.stringify(json, bigintAsString)), attributes }),
  );
};

const bigintAsString = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

// google.rpc.Code
const notFound = 5;
const alreadyExists = 6;

const codeOf = (error: unknown) => (error as { code?: unknown }).code;

/** Like `publish`, to a topic that no deployment makes: the first message does. What fails is thrown as the client says it. */
export const publishToNew = async (...sending: Sending): Promise<string> => {
  try {
    return await send(...sending);
  } catch (error) {
    if (codeOf(error) !== notFound) throw error;
    await createTopic(sending[0]);
    return send(...sending);
  }
};

/** A topic that is there already is as good. */
const createTopic = async (name: string): Promise<void> => {
  const pubsub = await connected();
  try {
    await cross('pubsub.create', () => pubsub.createTopic(name));
  } catch (error) {
    if (codeOf(error) !== alreadyExists) throw error;
  }
};
