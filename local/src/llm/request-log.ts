import type { FaultKind } from './faults.ts';
import type { Provider } from './prompt.ts';
import type { Usage } from './usage.ts';

/**
 * `pending`: still in work. `answered`: in full. `faulted`: a fault was played in place of a good answer. `aborted`: the client
 * left before the end. `rejected`: no key, a body that does not fit, or an unknown path.
 */
export type Outcome = 'pending' | 'answered' | 'faulted' | 'aborted' | 'rejected';

export interface LlmRequestRecord {
  /** Also sent to the client, as the provider's request id. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly provider: Provider;
  readonly endpoint: string;
  readonly model: string | null;
  readonly stream: boolean;
  /** Hex SHA-256 of the body: equal bodies have equal hashes. */
  readonly bodySha256: string;
  readonly outcome: Outcome;
  /** The fault that was played, if any; a mere delay is one too. */
  readonly fault: FaultKind | null;
  /** Null when no status line was sent. */
  readonly status: number | null;
  /** What the provider would bill for the whole answer; null when none was made. */
  readonly usage: Usage | null;
  readonly durationMs: number | null;
}

const MAX_RECORDS = 5000;

/** The latest requests; older ones are dropped, so that a long benchmark does not eat the memory. */
export class RequestLog {
  #records: LlmRequestRecord[] = [];
  readonly #limit: number;

  constructor(limit = MAX_RECORDS) {
    this.#limit = limit;
  }

  /** Keeps the record; returns how to amend it. */
  add(record: LlmRequestRecord): (changes: Partial<LlmRequestRecord>) => void {
    const kept = { ...record };
    this.#records.push(kept);
    if (this.#records.length > this.#limit) this.#records.shift();
    return (changes) => void Object.assign(kept, changes);
  }

  /** Oldest first. */
  list(): LlmRequestRecord[] {
    return this.#records.map((record) => ({ ...record }));
  }

  clear(): void {
    this.#records = [];
  }
}
