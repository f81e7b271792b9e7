import type { Finding } from '../../artifacts/index.ts';
import { AppError, type FieldError } from '../../platform/errors.ts';
import { coordinationErrors } from '../errors.ts';
import type { Assignment } from '../schemas.ts';
import type { LeasedWork } from './leased-work.ts';
import { settleOutput } from './settle-output.ts';

/**
 * Takes the output of an external agent and answers with the assignment as it then is. Throws `coordination.assignment_not_found`,
 * `coordination.lease_lost`, `coordination.assignment_canceled`, and `coordination.output_refused` with the findings.
 */
export const deliverWork = async (work: LeasedWork, output: unknown): Promise<Assignment> => {
  const settled = await settleOutput(work, { text: JSON.stringify(output) });
  if (settled.outcome === 'settled') return settled.assignment;
  throw new AppError(coordinationErrors.outputRefused, {
    detail: settled.last
      ? 'It was refused for the last time: the assignment has failed.'
      : 'The lease goes on: deliver it again, with all findings resolved.',
    errors: settled.findings.map(fieldOf),
  });
};

/** A finding is about a field of the output, or about a place in the artifact's text. */
const fieldOf = ({ where, message }: Finding): FieldError =>
  where === '' || where.startsWith('/')
    ? { pointer: `#/output${where}`, detail: message }
    : { pointer: '#/output/artifact/content', detail: `${where}: ${message}` };
