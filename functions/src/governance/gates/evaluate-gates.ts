// The verdict on every gate. Pure.
//
// G1. Nothing passes without evidence that counts: its gate accepts its source, it is neither older than the gate allows nor older than
//     the work, and nobody who has a stake in the gate says so in person.
// G2. Of several statements by one source on one subject the newest stands; of two at the same instant, the failure.
// G3. The strongest rank that has evidence decides, and one failure that stands there fails the gate.
// G4. A waiver turns `failed` and `no_evidence` into `waived`, whatever is brought later; it does not touch `passed`.
// G5. Neither the order nor the repetition of evidence matters.
import { acceptanceOf, gates, type Acceptance } from './gates.ts';
import { gateIds, type Evidence, type GateId, type GateStatus, type GateVerdict } from './schemas.ts';

export interface GateCriteria {
  readonly required: readonly GateId[];
  readonly backupMaxAgeHours: number;
  readonly policyVersion: number;
  readonly now: Date;
}

/** A verdict on each of the eight gates, in the order of the specification. */
export const evaluateGates = (evidence: readonly Evidence[], criteria: GateCriteria): GateVerdict[] =>
  gateIds.map((gate) => judge(gate, standing(gate, evidence, criteria), criteria));

/** The required gates that are neither passed nor waived: what keeps an artifact from being published. */
export const openGates = (verdicts: readonly GateVerdict[], required: readonly GateId[]): GateVerdict[] =>
  verdicts.filter(({ gate, status }) => required.includes(gate) && status !== 'passed' && status !== 'waived');

const judge = (gate: GateId, stands: readonly Evidence[], { required, policyVersion }: GateCriteria): GateVerdict => {
  const { version, title, accepts } = gates[gate];
  const waivers = stands.filter(({ source }) => source === 'waiver');
  const decisive = strongest(stands);
  const judged: GateStatus = decisive.length === 0 ? 'no_evidence' : decisive.some(isFailure) ? 'failed' : 'passed';
  const status = judged !== 'passed' && waivers.length > 0 ? 'waived' : judged;
  const deciding = status === 'waived' ? waivers : decisive;
  return {
    gate,
    version,
    policyVersion,
    title,
    required: required.includes(gate),
    status,
    evidence: stands.map((each) => listed(each, deciding.includes(each))),
    needed: status === 'passed' || status === 'waived' ? [] : accepts.map((each) => neededBeside(stands, each)),
  };
};

const neededBeside = (stands: readonly Evidence[], { source, needed }: Acceptance): string => {
  const given = stands.find((each) => (each.outdated || each.interested) && each.source === source);
  if (!given) return needed;
  const why = given.outdated ? 'is older than the work' : 'is by whoever submitted the task or asked to waive the gate';
  return `${needed} (the one of ${given.at.toISOString()} ${why})`;
};

const listed = ({ gate: _gate, ...each }: Evidence, decides: boolean) => ({ ...each, decides });

const isFailure = ({ outcome }: Evidence) => outcome === 'failed';

/** Evidence of the strongest rank that has any; waivers are no evidence, nor is what the work has left behind, nor one's own word. */
const strongest = (stands: readonly Evidence[]): Evidence[] => {
  const proofs = stands.filter(({ source, outdated, interested }) => source !== 'waiver' && !outdated && !interested);
  const rank = Math.min(...proofs.map(rankOf));
  return proofs.filter((each) => rankOf(each) === rank);
};

/** What counts for the gate and is not replaced, strongest and newest first. */
const standing = (gate: GateId, evidence: readonly Evidence[], criteria: GateCriteria): Evidence[] => {
  const ordered = evidence.filter((each) => each.gate === gate && counts(each, criteria)).toSorted(strongestFirst);
  const newest = new Map<string, Evidence>();
  for (const each of ordered) {
    const subject = JSON.stringify([each.source, each.subject]);
    if (!newest.has(subject)) newest.set(subject, each);
  }
  return [...newest.values()];
};

const counts = (each: Evidence, { now, ...policy }: GateCriteria): boolean => {
  if (each.source === 'waiver') return true;
  if (!acceptanceOf(each.gate, each.source)) return false;
  const { expires } = gates[each.gate];
  return expires === undefined || now.getTime() - each.at.getTime() <= policy[expires] * hourMs;
};

const hourMs = 60 * 60 * 1_000;

// A waiver is listed last: it is the exception to all that comes before it.
const rankOf = ({ gate, source }: Evidence): number => acceptanceOf(gate, source)?.rank ?? Number.MAX_SAFE_INTEGER;

/** A total order: what it calls equal is equal in every field. */
const strongestFirst = (a: Evidence, b: Evidence): number =>
  rankOf(a) - rankOf(b) ||
  b.at.getTime() - a.at.getTime() ||
  Number(isFailure(b)) - Number(isFailure(a)) ||
  compare(fingerprint(a), fingerprint(b));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const fingerprint = ({ source, subject, ref, detail, by, outdated, interested }: Evidence): string =>
  JSON.stringify([source, subject, ref, detail, outdated, interested, Object.entries(by).toSorted()]);
