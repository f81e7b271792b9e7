import { defineErrors } from '../platform/errors.ts';

export const agentErrors = defineErrors('agents', {
  agentNotFound: { status: 404, title: 'There is no such agent', retry: 'never' },
  agentExists: { status: 409, title: 'The agent id is taken', retry: 'never' },
  builtIn: { status: 409, title: 'A built-in agent cannot be deleted', retry: 'never' },
  disabled: { status: 409, title: 'The agent is disabled', retry: 'never' },
  unreachable: { status: 503, title: 'The agent could not be reached', retry: 'later' },
  registryFull: { status: 409, title: 'The organisation has as many agents as it may have', retry: 'never' },
  noSigningSecret: { status: 409, title: 'Nothing is signed for an agent of this kind', retry: 'never' },
  foreignTopic: { status: 422, title: 'The topic is not one for agents of this organisation', retry: 'never' },
});
