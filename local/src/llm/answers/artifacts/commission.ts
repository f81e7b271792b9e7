import type { Subject } from '../../subject.ts';

/** What an artifact is made from. */
export interface Commission {
  readonly subject: Subject;
  /** The reviewer shall find fault. */
  readonly wantsChanges: boolean;
}
