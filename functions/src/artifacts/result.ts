// How a check ends. Whatever the content, an answer stays small enough for a document, a prompt and a log line.
import type { ArtifactCheck, Finding, ReviewFinding, Verdict } from './schemas.ts';

export const maxFindings = 50;
export const maxConcerns = 50;
const maxWhereLength = 200;
const maxMessageLength = 300;

/** What a check reads off a valid artifact. */
export interface Judgement {
  readonly metrics?: Record<string, number>;
  readonly verdict?: Verdict;
  readonly concerns?: readonly string[];
  readonly findings?: readonly ReviewFinding[];
}

export const accepted = ({ metrics = {}, verdict, concerns = [], findings = [] }: Judgement = {}): ArtifactCheck => ({
  valid: true,
  metrics,
  verdict: verdict ?? null,
  concerns: concerns.slice(0, maxConcerns).map((concern) => shorten(concern, maxMessageLength)),
  findings: findings.slice(0, maxFindings).map((found) => ({
    severity: found.severity,
    title: shorten(found.title, maxWhereLength),
    artifact: found.artifact && shorten(found.artifact, maxWhereLength),
    place: found.place && shorten(found.place, maxWhereLength),
    resolution: shorten(found.resolution, maxMessageLength),
  })),
});

/** An invalid artifact. Findings beyond the fiftieth are dropped: nobody repairs more than that in one go. */
export const rejected = (findings: readonly Finding[]): ArtifactCheck => ({
  valid: false,
  findings: findings.slice(0, maxFindings).map(({ where, message }) => ({
    where: shorten(where, maxWhereLength),
    message: shorten(message, maxMessageLength),
  })),
});

const shorten = (text: string, maxLength: number) =>
  (text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`).toWellFormed();
