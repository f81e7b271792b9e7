import { jsonHash } from '../../platform/hash.ts';
import { escalationId, type EscalationDraft, type EscalationId } from './schemas.ts';

/** What makes two occurrences one escalation. */
export const causeOf = ({ org, trigger, subject }: Pick<EscalationDraft, 'org' | 'trigger' | 'subject'>): string =>
  jsonHash([org, trigger, subject]).slice(0, 20);

export const escalationIdFor = (cause: string, generation: number): EscalationId =>
  escalationId.parse(`esc_${cause}_${generation}`);

/** The id of an occurrence follows from its key, so that saying it twice counts once (C9). */
export const signalIdFor = ({ org, key }: Pick<EscalationDraft, 'org' | 'key'>): string =>
  jsonHash([org, key]).slice(0, 32);

/** Tells whether two drafts under one key say the same. */
export const fingerprintOf = (draft: EscalationDraft): string => {
  const { task, trigger, severity, title, subject, evidence } = draft;
  return jsonHash([
    task,
    trigger,
    severity,
    title,
    subject,
    evidence.map(({ source, ref, detail }) => [source, ref, detail]),
  ]);
};
