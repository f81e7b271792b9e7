// What goes wrong on purpose, so that a demo shows how the service deals with it. Only the stand-in can be asked for that; real
// providers bring setbacks of their own.
import type { Request, Setback } from './requests.ts';

/** The assignment whose first answer is cut, as prompts name it. */
export const cutAssignment = 'Define the API contract';

const announcements: Readonly<Record<Setback, string>> = {
  'cut-answer':
    'On purpose, the stand-in breaks off its first answer to one assignment: the service has to notice and repair it.',
  'changes-needed': 'On purpose, the reviewers of the stand-in ask for changes once: the plan has to grow by a rework.',
};

export interface Arranged {
  readonly request: Request;
  readonly announcement: string | undefined;
}

/** Arranges the request's setback at the stand-in that answers at `standIn`, if one does. */
export const arrange = async (request: Request, standIn: string | undefined): Promise<Arranged> => {
  const { setback, description = '' } = request;
  if (setback === undefined || standIn === undefined) return { request, announcement: undefined };
  const announcement = announcements[setback];
  if (setback === 'changes-needed') {
    return {
      request: { ...request, description: `${description}\n[[stand-in: changes-needed]]`.trim() },
      announcement,
    };
  }
  const faults = [{ contains: cutAssignment, times: 1, fault: { kind: 'half-json' } }];
  const response = await fetch(`${standIn}/faults`, { method: 'PUT', body: JSON.stringify(faults) });
  if (!response.ok) throw new Error(`The stand-in refused the fault: ${await response.text()}`);
  return { request, announcement };
};
