export type Invariant = 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C8' | 'C9';

/** One broken promise; `org` is `*` for what no single org can be blamed for. */
export interface Violation {
  readonly invariant: Invariant;
  readonly org: string;
  readonly task?: string;
  readonly assignment?: string;
  readonly detail: string;
}
