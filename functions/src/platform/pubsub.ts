// The one door to Pub/Sub for sending. Sending twice is harmless (C9), so a failure is simply thrown: the caller is run again, or whoever
// asked comes again.
import type { PubSub, Topic } from '@google-cloud/pubsub';
import { cross } from './crossings.ts';
import { AppError, defineErrors } from './errors.ts';
import { signMessage } from './message-key.firestore.ts';
import { signatureAttribute } from './message-signature.ts';

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
type Attributes = Record<string, string>;

/** Publishes one JSON message and resolves with its id once the server has it. Throws `pubsub.unavailable`. */
export const publish = (topic: string, json: unknown, attributes: Attributes): Promise<string> =>
  publishText(topic, textOf(json), attributes);

/** Like `publish`, with the signature by which our own functions know the message as ours. */
export const publishOwn = async (topic: string, json: unknown, attributes: Attributes): Promise<string> => {
  const text = textOf(json);
  const signature = await signMessage({ topic, text });
  return publishText(topic, text, { ...attributes, [signatureAttribute]: signature });
};

/** Publishes a text as it is: a message that is sent again keeps the signature that it had. Throws `pubsub.unavailable`. */
export const publishText = async (...sending: Sending): Promise<string> => {
  try {
    return await send(...sending);
  } catch (error) {
    throw new AppError(pubsubErrors.unavailable, { cause: error });
  }
};

const send = async (topicName: string, text: string, attributes: Attributes): Promise<string> => {
  const topic = await topicNamed(topicName);
  return cross('pubsub.publish', () => topic.publishMessage({ data: Buffer.from(text), attributes }));
};

const textOf = (json: unknown): string => JSON.stringify(json, bigintAsString);

const bigintAsString = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

// google.rpc.Code
const notFound = 5;
const alreadyExists = 6;

const codeOf = (error: unknown) => (error as { code?: unknown }).code;

/** Like `publish`, to a topic that no deployment makes: the first message does. What fails is thrown as the client says it. */
export const publishToNew = async (topic: string, json: unknown, attributes: Attributes): Promise<string> => {
  const text = textOf(json);
  try {
    return await send(topic, text, attributes);
  } catch (error) {
    if (codeOf(error) !== notFound) throw error;
    await createTopic(topic);
    return send(topic, text, attributes);
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
