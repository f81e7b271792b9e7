export { checkArtifact } from './check.ts';
export { describeFormat, formatLabel } from './formats.ts';
export { parseJson, type JsonReading } from './json-text.ts';
export {
  artifactKind,
  artifactKinds,
  type ArtifactCheck,
  type ArtifactKind,
  type Finding,
  type Verdict,
} from './schemas.ts';
export { zodFindings } from './zod-findings.ts';
