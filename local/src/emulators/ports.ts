import { createServer } from 'node:net';
import { PortBusyError } from '../errors.ts';

export interface PortWish {
  readonly host: string;
  readonly preferred: number;
  /** The user asked for this very port: any other would surprise, so a busy one is an error. */
  readonly explicit: boolean;
  /** The command-line flag that sets an explicit port, for the error message. */
  readonly flag?: string;
}

// Each further attempt uses a port that the system has just picked at random, so a second loss is already unlikely.
const attempts = 5;

/** The preferred port when free, else a free one; throws PortBusyError when the busy port was asked for explicitly. */
export const choosePort = async (wish: PortWish): Promise<number> => {
  const free = await bindable(wish.host, wish.preferred);
  if (free !== undefined) return free;
  if (wish.explicit) throw explicitlyBusy(wish);
  return freePort(wish.host);
};

/**
 * Runs `start` with a chosen port. When someone else binds it first (`start` throws PortBusyError), another one is chosen and
 * `start` runs again, unless the port was asked for explicitly.
 */
export const withPort = async <T>(wish: PortWish, start: (port: number) => Promise<T>): Promise<T> => {
  let port = await choosePort(wish);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(port);
    } catch (error) {
      if (!(error instanceof PortBusyError) || attempt === attempts) throw error;
      if (wish.explicit) throw explicitlyBusy(wish);
      port = await freePort(wish.host);
    }
  }
};

const explicitlyBusy = ({ preferred, flag }: PortWish) =>
  new PortBusyError(
    preferred,
    flag === undefined ? undefined : `Stop the process that listens there, or choose another port with ${flag}.`,
  );

const freePort = async (host: string): Promise<number> => {
  const port = await bindable(host, 0);
  if (port === undefined) throw new PortBusyError(0, `No port is free on ${host}.`);
  return port;
};

const bindable = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
    });
  });
