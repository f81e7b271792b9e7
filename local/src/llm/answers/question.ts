// What an answer is made from. A leaf.
import type { Mind } from '../mind.ts';
import type { JsonSchema } from '../prompt.ts';
import type { Random } from '../random.ts';
import type { Subject } from '../subject.ts';

export interface Question {
  /** The name of the schema or of the tool; empty when the protocol has none. */
  readonly name: string;
  readonly schema: JsonSchema;
  /** What whoever runs the application wrote. */
  readonly system: string;
  /** What the users wrote. */
  readonly text: string;
  readonly subject: Subject;
  readonly random: Random;
  /** What the model makes of it. */
  readonly mind: Mind;
}
