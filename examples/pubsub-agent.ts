// An agent with a topic of its own: Pub/Sub keeps its work while it is down, and spreads it over as many instances as there are.
//
//   BASE_URL=… TOKEN=… SUBSCRIPTION=… node examples/pubsub-agent.ts      (PUBSUB_EMULATOR_HOST for the local suite)
import { PubSub, type Message, type Subscription } from '@google-cloud/pubsub';
import { carryOut, setting, takeMinutes, type Access, type Directive, type Work } from './agent-api.ts';

/** Works on every message of the subscription. A message that comes twice, or too late, holds a lease that is lost: nothing happens. */
export const runPubsubAgent = (subscription: Subscription, access: Access, work: Work): void => {
  subscription.on('message', (message: Message) => {
    const directive = JSON.parse(message.data.toString()) as Directive;
    carryOut(access, directive, work).then(
      () => message.ack(),
      (error: unknown) => {
        console.error(error);
        message.nack();
      },
    );
  });
};

if (import.meta.main) {
  const subscription = new PubSub().subscription(setting('SUBSCRIPTION'));
  runPubsubAgent(subscription, { baseUrl: setting('BASE_URL'), token: setting('TOKEN') }, takeMinutes);
  process.once('SIGINT', () => void subscription.close());
}
