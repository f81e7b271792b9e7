export { checkArtifact } from './check.ts';
export type { Turn as CheckTurn } from './check-in-process.ts';
export { describeFormat, formatLabel } from './formats.ts';
export { readDocument as readOpenapi } from './kinds/openapi.ts';
export { parseJson, type JsonReading } from './json-text.ts';
export {
  artifactKinds,
  reviewKinds,
  type ArtifactCheck,
  type ArtifactKind,
  type Finding,
  type ReviewFinding,
} from './schemas.ts';
export { rulesDeclarations } from './security-rules/declarations.ts';
export { zodFindings } from './zod-findings.ts';
