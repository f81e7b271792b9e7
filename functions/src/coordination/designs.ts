// Designs as the judges and detectors of governance read them. Nothing here does I/O but for the parser of YAML, which loads itself.
import { parseJson, readOpenapi, type ArtifactKind } from '../artifacts/index.ts';
import type { Designs } from '../governance/index.ts';
import { dataModel } from '../governance/schemas.ts';

/** What of an artifact's content is a design; nothing for the kinds that are none. */
export const readDesign = async (kind: ArtifactKind, content: string): Promise<Designs> => {
  if (kind === 'openapi') {
    const read = await readOpenapi(content);
    return read.ok ? { openapi: read.root } : {};
  }
  if (kind === 'firestore-schema') {
    const read = parseJson(content);
    return read.ok ? { firestoreSchema: dataModel.parse(read.value) } : {};
  }
  return kind === 'security-rules' ? { securityRules: content } : {};
};
