// A stand-in for Firebase Auth that the client SDK (connectAuthEmulator) and firebase-admin (FIREBASE_AUTH_EMULATOR_HOST) work
// against. It knows e-mail with password, anonymous and custom-token sign-in; it lacks federated providers, phone sign-in,
// e-mail links and reset mails, second factors, tenants, session cookies and bulk import.
import { randomUUID } from 'node:crypto';
import { serve, type ServerType } from '@hono/node-server';
import { PortBusyError, SuiteError } from '../errors.ts';
import { AccountStore, type AuthAccount } from './accounts.ts';
import type { AuthState } from './operations.ts';
import { authApp } from './server.ts';
import { newAccount, signIn } from './sessions.ts';
import type { Claims } from './tokens.ts';

export { accountsFile, fakeHash, providersOf, type AuthAccount } from './accounts.ts';

export interface AuthOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly projectId: string;
  /** Accounts to begin with, in the form of the Firebase CLI's auth_export/accounts.json. */
  readonly accounts: readonly AuthAccount[];
}

export interface AuthServer {
  readonly host: string;
  readonly port: number;
  /** An ID token of that account with its custom claims; throws SuiteError when there is no such account. */
  tokenFor(uid: string): string;
  /**
   * An ID token with these claims for the account `sub`, as signing in with a custom token gives: the account is created when
   * it does not exist, since verifyIdToken asks for it. Without `sub` the account is a new one.
   */
  tokenOf(claims: Claims): string;
  stop(): Promise<void>;
}

/** Starts the stand-in; throws PortBusyError when the port is taken. */
export const startAuth = async ({ host, port, projectId, accounts }: AuthOptions): Promise<AuthServer> => {
  const state: AuthState = { projectId, accounts: new AccountStore(accounts) };
  const server = await listening(authApp(state), host, port);
  return {
    host,
    port: server.port,
    tokenFor: (uid) => {
      const account = state.accounts.find(uid);
      if (!account) throw new SuiteError(`There is no account ${uid}.`, 'See local/seeds for the accounts that exist.');
      return signIn(state, account, { provider: 'password', claims: {} }, new Date()).idToken;
    },
    tokenOf: ({ sub = randomUUID(), ...claims }) => {
      const now = new Date();
      const uid = String(sub);
      const account = state.accounts.find(uid) ?? newAccount(uid, now);
      return signIn(state, account, { provider: 'custom', claims }, now).idToken;
    },
    stop: server.stop,
  };
};

const listening = (app: ReturnType<typeof authApp>, hostname: string, port: number) =>
  new Promise<{ port: number; stop: () => Promise<void> }>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, (info) =>
      resolve({ port: info.port, stop: () => close(server) }),
    );
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortBusyError(port) : error),
    );
  });

const close = (server: ServerType) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    // SDKs keep their connections open; nothing is in flight that would be missed.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
