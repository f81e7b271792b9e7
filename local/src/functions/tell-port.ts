// Preloaded into an isolated instance: the functions-framework CLI listens on a port that the system chose and has no way of
// telling which.
import diagnostics from 'node:diagnostics_channel';
import type { Server } from 'node:net';

diagnostics.subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = (message as { server: Server }).server.address();
  if (address && typeof address === 'object') process.send?.({ port: address.port });
});
