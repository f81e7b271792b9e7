// What a request carries through the doors of the API, and who asks.
import type { HttpBindings } from '@hono/node-server';
import type { AppError } from '../errors.ts';
import type { OrgId, Role } from '../schemas.ts';

/** Who asks, read from a verified token. */
export interface Caller {
  readonly uid: string;
  readonly org: OrgId;
  readonly role: Role;
}

/** Either a caller, or the error to answer with when the operation needs one. */
export type Identity = { readonly caller: Caller } | { readonly refusal: AppError };

export interface ApiEnv {
  /** Absent when the app is called in-process, without a socket. */
  Bindings?: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    identity: Identity;
    /** Set by `allow`; only operations behind it may read it. */
    caller: Caller;
    /** The error that the request was answered with, for the log. */
    failure: unknown;
    /** Settles when a streamed answer has ended, with the number of events sent. */
    stream: Promise<number>;
  };
}
