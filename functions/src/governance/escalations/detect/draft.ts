// What every detector answers with. Whatever was found, a draft always fits: it goes into commits that must not fail for it.
import type { OrgId } from '../../../platform/schemas.ts';
import { maxEvidence, type EscalationDraft, type EscalationEvidence, type Severity, type Trigger } from '../schemas.ts';

/** What a detector found, before anybody knows for whom. */
export interface Finding {
  readonly trigger: Trigger;
  readonly severity: Severity;
  readonly title: string;
  /** Names the cause within the org. */
  readonly subject: string;
  /** Names this time that it was seen: the same subject and occurrence count once at each severity. */
  readonly occurrence: string;
  /** When what it rests on happened; left out: now. What happened before a resolution opens nothing after it. */
  readonly seenAt?: Date;
  readonly evidence: readonly EscalationEvidence[];
}

export interface Scope {
  readonly org: OrgId;
  readonly task: string | null;
}

export const toDraft = (
  { org, task }: Scope,
  { trigger, severity, title, subject, occurrence, evidence, seenAt }: Finding,
): EscalationDraft => ({
  org,
  task,
  trigger,
  severity,
  title: shorten(title, 200),
  subject: shorten(subject, 400),
  key: shorten(`${trigger} ${subject} ${severity} ${occurrence}`, 1_000),
  evidence: evidence.slice(0, maxEvidence).map(({ source, ref, detail }) => ({
    source,
    ref: shorten(ref, 400),
    detail: shorten(detail, 400),
  })),
  by: null,
  ...(seenAt && { seenAt }),
});

const shorten = (text: string, maxLength: number) => {
  const trimmed = text.trim() || 'unnamed';
  return (trimmed.length <= maxLength ? trimmed : `${trimmed.slice(0, maxLength - 1)}…`).toWellFormed();
};

/** Evidence beyond what a record holds is counted in the title. */
export const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`;
