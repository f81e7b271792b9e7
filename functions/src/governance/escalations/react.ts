// What people do about an escalation: they take it in hand, and they end it.
import { AppError } from '../../platform/errors.ts';
import { isLostRace } from '../../platform/firestore.ts';
import type { PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { findEscalation, pageOfEscalations, saveEscalation, type EscalationFilter } from './escalations.firestore.ts';
import type { Escalation, EscalationId } from './schemas.ts';
import { acknowledged, resolved, type Reaction } from './state.ts';

/** Throws `governance.escalation_not_found`. */
export const getEscalation = async (org: OrgId, id: EscalationId): Promise<Escalation> => (await found(org, id)).value;

const found = async (org: OrgId, id: EscalationId) => {
  const stored = await findEscalation(org, id);
  if (!stored) throw new AppError(governanceErrors.escalationNotFound);
  return stored;
};

export const listEscalations = async (
  org: OrgId,
  page: EscalationFilter & PageRequest,
): Promise<{ escalations: Escalation[]; nextPageToken?: string }> => {
  const { records: escalations, ...next } = await pageOfEscalations(org, page);
  return { escalations, ...next };
};

/** Ends the climbing. Doing it twice is harmless; throws `governance.escalation_taken` when somebody else did it before. */
export const acknowledgeEscalation = (org: OrgId, id: EscalationId, reaction: Reaction): Promise<Escalation> =>
  react(org, id, {
    change: (before) => acknowledged(before, reaction),
    repeated: ({ state, acknowledgement }) => state === 'acknowledged' && acknowledgement?.by.uid === reaction.by.uid,
  });

/** Ends it. The same words again are harmless; throws `governance.escalation_taken` when it was resolved otherwise before. */
export const resolveEscalation = (org: OrgId, id: EscalationId, reaction: Reaction): Promise<Escalation> =>
  react(org, id, {
    change: (before) => resolved(before, reaction),
    repeated: ({ resolution }) => resolution?.by.uid === reaction.by.uid && resolution.resolution === reaction.text,
  });

interface Change {
  readonly change: (before: Escalation) => Escalation | undefined;
  /** Whether this very reaction had been recorded before. */
  readonly repeated: (before: Escalation) => boolean;
}

const react = async (org: OrgId, id: EscalationId, { change, repeated }: Change): Promise<Escalation> => {
  const stored = await found(org, id);
  const after = change(stored.value);
  if (!after) {
    if (repeated(stored.value)) return stored.value;
    throw new AppError(governanceErrors.escalationTaken, { detail: takenBy(stored.value) });
  }
  try {
    await saveEscalation(stored, after);
    return after;
  } catch (error) {
    if (!isLostRace(error)) throw error;
    return react(org, id, { change, repeated });
  }
};

const takenBy = ({ state, acknowledgement, resolution }: Escalation): string =>
  `It was ${state} before by ${(resolution ?? acknowledgement)?.by.uid ?? 'somebody'}.`;
