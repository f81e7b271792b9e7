// What Pub/Sub and Eventarc may do to an event and seldom do: bring it twice at a time, and once more when all is over.
import type { DeliveryHooks } from '../../local/src/functions/dispatcher.ts';

type Around = NonNullable<DeliveryHooks['around']>;
type DeliverOnce = Parameters<Around>[1];

export interface Deliveries {
  readonly hooks: DeliveryHooks;
  /** From now on each event is brought twice at a time. */
  double(): void;
  /** Forgets what came before and brings each event once again. */
  startAnew(): void;
  /** Brings every event since the last start once more; resolves when they are handled. */
  bringAllAgain(): Promise<void>;
  /** Events that are being handled. */
  inFlight(): number;
}

export const makeDeliveries = (): Deliveries => {
  let brought: DeliverOnce[] = [];
  let doubled = false;
  let inFlight = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };
  const around: Around = (_event, deliverOnce) => {
    brought.push(deliverOnce);
    return counted(async () => {
      const [first] = await Promise.all([deliverOnce(), ...(doubled ? [deliverOnce()] : [])]);
      return first;
    });
  };
  return {
    hooks: { around },
    double: () => {
      doubled = true;
    },
    startAnew: () => {
      brought = [];
      doubled = false;
    },
    bringAllAgain: () =>
      counted(async () => {
        await Promise.all(brought.map((deliverOnce) => deliverOnce()));
      }),
    inFlight: () => inFlight,
  };
};
