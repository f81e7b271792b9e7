// Topics, subscriptions and messages of the functions that listen to Pub/Sub. The emulator neither backs off nor
// dead-letters, so a message is kept (its lease renewed by the client) until it is delivered or given up, then acknowledged.
import { Duration, PubSub, SubscriptionCloseBehaviors, type Message, type Subscription } from '@google-cloud/pubsub';
import type { Delivered, RetryPolicy } from './delivery.ts';
import { messagePublished } from './cloud-events.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { FunctionSpec, Trigger } from './manifest.ts';

export type PubsubFunction = FunctionSpec<Extract<Trigger, { kind: 'pubsub' }>>;

export interface PubsubEventsOptions {
  readonly project: string;
  /** `host:port` of the Pub/Sub server. */
  readonly server: string;
  readonly functions: readonly PubsubFunction[];
  readonly dispatcher: Dispatcher;
  /** For functions with `retry`. */
  readonly retryPolicy: RetryPolicy;
  readonly log: (line: string) => void;
}

export interface PubsubEvents {
  /** Takes no more messages; what is not acknowledged stays on the server. */
  stop(): Promise<void>;
}

const deadLetterSuffix = '-dead-letter';
/** Messages of a subscription that are held at a time; most of them wait for their next attempt (D4 of delivery.ts). */
const maxHeldMessages = 1_000;
/** Without a limit the client waits an hour for a server that is gone. */
const closeTimeout = Duration.from({ seconds: 1 });
/** google.rpc.Code */
const alreadyExists = 6;
const maxReasonChars = 1_024;

/** Creates what is missing on the server and begins to deliver. */
export const startPubsubEvents = async (options: PubsubEventsOptions): Promise<PubsubEvents> => {
  const client = new PubSub({
    projectId: options.project,
    apiEndpoint: options.server,
    emulatorMode: true,
    // Said here, the client does not ask Google Cloud's metadata server first.
    clientOptions: { universeDomain: 'googleapis.com' },
  });
  const subscriptions = await Promise.all(
    options.functions.map(async (spec) => {
      const subscription = await createSubscription(client, spec);
      return listen(client, subscription, spec, options);
    }),
  );
  return {
    stop: async () => {
      await Promise.all(subscriptions.map(async (subscription) => subscription.close()));
      await client.close();
    },
  };
};

/** Eventarc names a trigger's subscription like this. */
const subscriptionName = ({ name, region }: PubsubFunction) => `eventarc-${region}-${name}-sub`;

const deadLetterTopic = ({ trigger: { topic, retry } }: PubsubFunction): string | undefined =>
  retry && !topic.endsWith(deadLetterSuffix) ? `${topic}${deadLetterSuffix}` : undefined;

const createSubscription = async (client: PubSub, spec: PubsubFunction): Promise<Subscription> => {
  const deadLetters = deadLetterTopic(spec);
  const { topic } = spec.trigger;
  await Promise.all(
    [topic, ...(deadLetters ? [deadLetters] : [])].map(async (name) => unlessExists(client.createTopic(name))),
  );
  await unlessExists(client.createSubscription(topic, subscriptionName(spec), { ackDeadlineSeconds: 60 }));
  // A topic without a subscription keeps nothing, and a dead letter is there to be found.
  if (deadLetters) await unlessExists(client.createSubscription(deadLetters, `${deadLetters}-sub`));
  return client.subscription(subscriptionName(spec), {
    flowControl: { maxMessages: maxHeldMessages, allowExcessMessages: false },
    streamingOptions: { maxStreams: 1 },
    closeOptions: { behavior: SubscriptionCloseBehaviors.NackImmediately, timeout: closeTimeout },
  });
};

const unlessExists = async (creation: Promise<unknown>) => {
  try {
    await creation;
  } catch (error) {
    if ((error as { code?: unknown }).code !== alreadyExists) throw error;
  }
};

const listen = (client: PubSub, subscription: Subscription, spec: PubsubFunction, options: PubsubEventsOptions) => {
  const policy = spec.trigger.retry ? options.retryPolicy : { ...options.retryPolicy, maxAttempts: 1 };
  const topic = `projects/${options.project}/topics/${spec.trigger.topic}`;
  const handle = async (message: Message) => {
    const publishTime = message.publishTime.toISOString();
    const event = messagePublished({ ...pick(message), publishTime }, topic, subscription.name);
    const delivered = await options.dispatcher.dispatch(spec, event, policy);
    if (delivered.outcome === 'given-up') await bury(client, spec, message, delivered);
    message.ack();
  };
  subscription.on('message', (message: Message) => {
    // Only the end of the suite (or of the server) gets here; unacknowledged, the message stays.
    handle(message).catch(() => message.nack());
  });
  subscription.on('error', (error: Error) => options.log(`subscription of ${spec.name}: ${error.message}`));
  return subscription;
};

const pick = ({ id, data, attributes, orderingKey }: Message) => ({ id, data, attributes, orderingKey });

/** Publishes the message to the dead-letter topic with the attributes that a dead-letter policy adds, and the reason. */
const bury = async (
  client: PubSub,
  spec: PubsubFunction,
  message: Message,
  { tally, reason }: Extract<Delivered, { outcome: 'given-up' }>,
) => {
  const topic = deadLetterTopic(spec);
  if (topic === undefined) return;
  await client.topic(topic).publishMessage({
    data: message.data,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(tally.failures + tally.interruptions),
      CloudPubSubDeadLetterSourceSubscription: subscriptionName(spec),
      CloudPubSubDeadLetterSourceSubscriptionProject: client.projectId,
      CloudPubSubDeadLetterSourceTopicPublishTime: message.publishTime.toISOString(),
      deadLetterReason: reason.slice(0, maxReasonChars),
    },
  });
};
