// Puts the request guard before the server that calls our functions.
import { allowedOrigins, servedFunction, servesFunctions } from './config.ts';
import { guardServers } from './platform/http/request-guard.ts';

/** Called when the functions are loaded, which is before their server listens. Where none is served, nothing is guarded. */
export const guardRequests = (): void => {
  if (servesFunctions) guardServers({ isEvent, allowsOrigin: (origin) => allowedOrigins().includes(origin) });
};

// In production a process serves one function, and no header can make the API take what only an event may carry.
const isEvent = ({ headers }: { readonly headers: object }): boolean =>
  servedFunction === undefined ? 'ce-type' in headers : servedFunction !== 'api';
