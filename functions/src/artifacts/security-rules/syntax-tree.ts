// The parsed form of a rules file. Expressions keep only what a check reads: which names and functions they use and whether
// they are a constant; operators and their precedence do not change that.

/** An offset into the source text, in UTF-16 code units. */
export type Offset = number;

export type Expression =
  | { readonly kind: 'constant'; readonly value: boolean | null; readonly at: Offset }
  | { readonly kind: 'variable'; readonly name: string; readonly at: Offset }
  | {
      readonly kind: 'call';
      /** `math` of `math.abs(1)`, null for `exists(…)`. A method of a value is not a call of this kind. */
      readonly package: string | null;
      readonly name: string;
      readonly parts: readonly Expression[];
      readonly at: Offset;
    }
  | { readonly kind: 'compound'; readonly parts: readonly Expression[]; readonly at: Offset };

export interface Named {
  readonly name: string;
  readonly at: Offset;
}

export interface PathTemplate {
  /** As it stands in the source. */
  readonly text: string;
  readonly captures: readonly Capture[];
  readonly segments: number;
  readonly at: Offset;
}

export interface Capture extends Named {
  /** `{name=**}`: the rest of the path. */
  readonly rest: boolean;
  /** The capture's place among the segments, from 0. */
  readonly segment: number;
}

export interface RulesFunction extends Named {
  readonly parameters: readonly Named[];
  readonly bindings: readonly (Named & { readonly value: Expression })[];
  readonly result: Expression;
  /** As it stands in the source, with its name. */
  readonly text: string;
}

export interface Allow {
  readonly methods: readonly Named[];
  /** Null: allowed without a condition. */
  readonly condition: Expression | null;
  /** The condition as it stands in the source; empty without one. */
  readonly text: string;
  readonly at: Offset;
}

export interface Scope {
  readonly functions: readonly RulesFunction[];
  readonly matches: readonly Match[];
}

export interface Match extends Scope {
  readonly path: PathTemplate;
  readonly allows: readonly Allow[];
}

export interface Service extends Scope, Named {}

export interface Ruleset {
  readonly version: (Named & { readonly supported: boolean }) | null;
  readonly functions: readonly RulesFunction[];
  readonly services: readonly Service[];
}

/** Something wrong in a ruleset that parses, at an offset into its text. */
export interface Problem {
  readonly message: string;
  readonly at: number;
}
