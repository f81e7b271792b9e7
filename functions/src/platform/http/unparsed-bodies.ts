// The platform's Express app parses JSON before the function is called, and answers what it cannot parse with a page of HTML.
// It takes one more error handler, though: the API itself, which reads the raw body and says in a problem what is wrong. The
// handler is there from the first request that an instance serves; a malformed body that is itself the first still gets the page.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'firebase-functions/v2/https';

/** A request as the platform hands it to a function. */
export type PlatformRequest = Request;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const prepared = new WeakSet<object>();

/** Makes `handle` answer the requests, too, whose body the platform could not parse. */
export const handleUnparsedBodies = ({ app }: PlatformRequest, handle: Handle): void => {
  if (prepared.has(app)) return;
  prepared.add(app);
  app.use(
    async (error: unknown, request: IncomingMessage, response: ServerResponse, next: (error: unknown) => void) => {
      if (isParseFailure(error)) await handle(request, response);
      else next(error);
    },
  );
};

/** As Express's own body parser marks it. */
const isParseFailure = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'entity.parse.failed';
