// Every deployed function. The API's code is loaded by its first request: the other functions never need it.
import { onRequest } from 'firebase-functions/v2/https';
import { apiTimeoutSeconds, region } from './config.ts';
import { guardRequests } from './guard-requests.ts';

guardRequests();

export { deliverMessage, retryDeliveries } from './communication/functions.ts';
export {
  acceptTask,
  admitByPolicy,
  admitTasks,
  planTask,
  recheckGates,
  resumeTasks,
  runCritical,
  runHigh,
  runLow,
  runMedium,
  stopEscalated,
  sweepTasks,
  watchOrgs,
} from './coordination/functions.ts';
export { climbEscalations, expireApprovals, raiseEscalations } from './governance/functions.ts';
export { runSchedules } from './scheduling/functions.ts';
export { mergeScratchpad } from './scratchpads/functions.ts';

export const api = onRequest(
  { region, timeoutSeconds: apiTimeoutSeconds, memory: '1GiB', concurrency: 80, invoker: 'public' },
  async (request, response) => {
    const { handleRequest } = await import('./api.ts');
    await handleRequest(request, response);
  },
);
