// How data could be lost: a design that drops a collection, or backups that nobody has tested lately. Pure.
import type { DataModel } from '../../decisions/schemas.ts';
import type { Finding } from './draft.ts';
import { templateOf } from './collection-paths.ts';

/** The collections of the model before that the one after no longer has. */
export const droppedCollections = (before: DataModel, after: DataModel): string[] => {
  const kept = new Set(after.collections.map(({ path }) => templateOf(path)));
  return before.collections.map(({ path }) => path).filter((path) => !kept.has(templateOf(path)));
};

const hourMs = 3_600_000;

export interface BackupFacts {
  /** When the newest passed attestation of the backup gate was made; null: there is none. */
  readonly lastTestedAt: Date | null;
  readonly backupMaxAgeHours: number;
  readonly now: Date;
}

/** A finding when the last tested backup is older than the policy allows. Exactly as old as allowed is not. */
export const backupRisk = ({ lastTestedAt, backupMaxAgeHours, now }: BackupFacts): Finding[] => {
  if (lastTestedAt && now.getTime() - lastTestedAt.getTime() <= backupMaxAgeHours * hourMs) return [];
  const detail = lastTestedAt
    ? `last tested at ${lastTestedAt.toISOString()}, allowed are ${backupMaxAgeHours} hours`
    : 'no test of a backup was ever attested';
  return [
    {
      trigger: 'data-loss-risk',
      severity: lastTestedAt ? 'high' : 'medium',
      title: `The backups are not known to work: ${detail}`,
      subject: 'backup',
      occurrence: lastTestedAt?.toISOString() ?? 'never',
      evidence: [{ source: 'attestation', ref: 'backup', detail }],
    },
  ];
};
