// Checks a deliverable by its kind. The content comes from a model or an external agent: it is data, however it looks.
import { lazy } from '../platform/lazy.ts';
import { processChecker, type Turn } from './check-in-process.ts';
import { checkHere, needsProcess } from './checks.ts';
import { rejected } from './result.ts';
import type { ArtifactCheck, ArtifactKind } from './schemas.ts';

// An artifact is stored in one Firestore document, of 1 MiB at most, beside its title and metrics.
const maxContentBytes = 900 * 1024;

const checkInProcess = lazy(() => processChecker());

/**
 * Checks `content` as an artifact of `kind`: whatever is wrong with it is a finding. Throws `artifacts.checks_busy` when too many
 * checks wait, unless the caller is patient.
 */
export const checkArtifact = async (kind: ArtifactKind, content: string, turn: Turn): Promise<ArtifactCheck> => {
  if (Buffer.byteLength(content) > maxContentBytes) {
    return rejected([{ where: '', message: `The content is larger than ${maxContentBytes} bytes.` }]);
  }
  return needsProcess(kind, content) ? checkInProcess()({ kind, content }, turn) : checkHere(kind, content);
};
