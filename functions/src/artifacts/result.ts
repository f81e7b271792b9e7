// How a check ends. Whatever the content, an answer stays small enough for a document, a prompt and a log line.
import type { ArtifactCheck, Finding, ReviewFinding, Verdict } from './schemas.ts';

const maxFindings = 50;
export const maxConcerns = 50;
const maxWhereLength = 200;
const maxMessageLength = 300;

type Rejection = Extract<ArtifactCheck, { valid: false }>;

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

export const rejected = (findings: readonly Finding[]): Rejection => rejectedFor(findings, (finding) => finding);

/** An invalid artifact; `describe` is asked only for the faults that are kept. */
export const rejectedFor = <T>(faults: readonly T[], describe: (fault: T) => Finding): Rejection => ({
  valid: false,
  findings: cutFindings(faults, describe),
});

/** Nobody repairs more than fifty faults in one go: the last finding says how many more there are. */
export const cutFindings = <T>(faults: readonly T[], describe: (fault: T) => Finding): Finding[] => {
  const kept = faults.length > maxFindings ? faults.slice(0, maxFindings - 1) : faults;
  const findings = kept.map((fault) => shortFinding(describe(fault)));
  const left = faults.length - kept.length;
  return left === 0 ? findings : [...findings, { where: '', message: `There are ${left} findings more.` }];
};

const shortFinding = ({ where, message }: Finding): Finding => ({
  where: shorten(where, maxWhereLength),
  message: shorten(message, maxMessageLength),
});

const shorten = (text: string, maxLength: number) =>
  (text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`).toWellFormed();
