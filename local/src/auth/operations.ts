// What the API does, apart from HTTP. Each operation parses its own request; `privileged` calls come from firebase-admin.
import type { AccountStore } from './accounts.ts';

export interface AuthState {
  readonly projectId: string;
  readonly accounts: AccountStore;
}

export interface Call {
  readonly body: unknown;
  readonly privileged: boolean;
  readonly now: Date;
}

export type Operation = (state: AuthState, call: Call) => object;
