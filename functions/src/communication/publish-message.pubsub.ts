// Puts messages on their topics. No function of ours listens there, so a deployment does not make these topics: the first
// message does.
import { cross } from '../platform/crossings.ts';
import { publish } from '../platform/pubsub.ts';
import { attributesOf, topicOf } from './payload.ts';
import type { Message } from './schemas.ts';

// google.rpc.Code
const notFound = 5;
const alreadyExists = 6;

const codeOf = (error: unknown) => (error as { code?: unknown }).code;

export const publishMessage = async (message: Message): Promise<void> => {
  const send = () => publish(topicOf(message), message.body, attributesOf(message));
  try {
    await send();
  } catch (error) {
    if (codeOf(error) !== notFound) throw error;
    await createTopic(topicOf(message));
    await send();
  }
};

const createTopic = async (name: string): Promise<void> => {
  const { PubSub } = await import('@google-cloud/pubsub');
  const client = new PubSub();
  try {
    await cross('pubsub.publish', () => client.createTopic(name));
  } catch (error) {
    if (codeOf(error) !== alreadyExists) throw error;
  } finally {
    await client.close();
  }
};
