import type { Found } from '../../mind.ts';
import type { Subject } from '../../subject.ts';
import type { FindingShape } from '../finding-shape.ts';

/** What an artifact is made from. */
export interface Commission {
  readonly subject: Subject;
  /** The reviewer shall find fault. */
  readonly wantsChanges: boolean;
  /** The specialist states that a service of others is brought in: then the work shows it. */
  readonly integrates: boolean;
  /** What the reviewer sees in the artifacts of others. */
  readonly found: readonly Found[];
  /** How the application wants a finding written. */
  readonly findingShape: FindingShape;
}
