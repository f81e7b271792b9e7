// Decisions as real models word them: most are details of the work that sound like more, a few are for others to take.
import { integerBetween, pick, type Random } from '../random.ts';
import { singular, type Subject } from '../subject.ts';

interface Decision {
  readonly kind: string;
  readonly summary: string;
  readonly rationale: string;
}

type Worded = (subject: Subject) => Decision;

const usual: readonly Worded[] = [
  () => ({
    kind: 'Firebase Auth as identity provider',
    summary: 'Callers prove who they are with a Firebase ID token.',
    rationale: 'The service runs on Firebase, and its tokens carry the org.',
  }),
  ({ resources: [many] }) => ({
    kind: 'composite indexes for listing',
    summary: `Lists of ${many} are sorted by state and time through a composite index.`,
    rationale: 'Without it each list would read every document of the org.',
  }),
  ({ resources: [many] }) => ({
    kind: `first collection: ${many}`,
    summary: `${many} get a collection of their own below the org.`,
    rationale: 'There is none yet that holds them.',
  }),
  () => ({
    kind: 'cursor-based pagination',
    summary: 'Pages are named by an opaque token.',
    rationale: 'Offsets get slower with every page and skip what was added meanwhile.',
  }),
  ({ resources: [many] }) => ({
    kind: 'error-handling',
    summary: `Faults in ${many} are answered as problem details.`,
    rationale: 'Callers branch on a stable code.',
  }),
  ({ resources: [many] }) => ({
    kind: 'caching',
    summary: `One ${singular(many)} is cached for a minute by its id and revision.`,
    rationale: 'Most reads come in bursts.',
  }),
  () => ({
    kind: 'logging',
    summary: 'Structured logs with the request id, never with texts of users.',
    rationale: 'They end up with people who must not read those.',
  }),
];

/** What the main coordinator is to decide. */
const grave: readonly Worded[] = [
  ({ resources: [many] }) => ({
    kind: 'third-party-integration',
    summary: `Texts of ${many} go to an OCR service outside of Google Cloud.`,
    rationale: 'Scans hold no text of their own.',
  }),
  ({ resources: [many] }) => ({
    kind: 'data-retention-change',
    summary: `Deleted ${many} are kept for 30 days.`,
    rationale: 'Users ask for them back.',
  }),
];

const GRAVE_SHARE = 0.08;
const MOST = 3;

/** One to three decisions, no two of a kind. */
export const statedDecisions = (random: Random, subject: Subject): Decision[] => {
  const count = integerBetween(random, 1, MOST);
  const stated = Array.from({ length: count }, () => pick(random, random() < GRAVE_SHARE ? grave : usual));
  return [...new Set(stated)].map((worded) => worded(subject));
};
