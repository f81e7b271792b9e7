import type { Message } from '../platform/events.ts';
import { provenDirective } from './proven-directive.ts';
import { runAssignment, type RunContext } from './run-assignment.ts';
import type { Directive } from './schemas.ts';

/** Handles a message on `assignments-<priority>`. Throws a `later` error when the same message should come again. */
export const runMessage = async (
  { payload, isOurs, messageId }: Pick<Message<Directive>, 'payload' | 'isOurs' | 'messageId'>,
  context: Omit<RunContext, 'messageId'>,
): Promise<void> => {
  const directive = await provenDirective(payload, isOurs);
  if (directive) await runAssignment(directive, { ...context, messageId });
};
