// A text of security rules cut into tokens, in time proportional to its length whatever it holds. What is not of the language is cut,
// too: the text was checked by others.

export interface RulesToken {
  /** `silent`: comments and layout. */
  readonly kind: 'silent' | 'string' | 'other';
  readonly text: string;
}

const layout = /(?:\s+|\/\/[^\n]*)+/y;
const other = /[\w$]+|[^]/y;
const inQuotes: Readonly<Record<string, RegExp>> = { '"': /(?:[^"\\\n]|\\.)*/y, "'": /(?:[^'\\\n]|\\.)*/y };

/** A comment that never ends is none, nor is a quote that its line does not close the beginning of a string. */
export function* rulesTokens(rules: string): Generator<RulesToken, undefined> {
  const lastCommentEnd = rules.lastIndexOf('*/');
  // Whatever stands in quotes is read alike from any of them, so that up to the place where one found no end there is none for others.
  const openUntil = new Map<string, number>();

  const endOfString = (at: number): number | undefined => {
    const quote = rules.charAt(at);
    const pattern = inQuotes[quote];
    if (!pattern || at < (openUntil.get(quote) ?? 0)) return undefined;
    const end = endOf(pattern, rules, at + 1);
    if (rules.charAt(end) === quote) return end + 1;
    openUntil.set(quote, end);
    return undefined;
  };

  for (let at = 0; at < rules.length;) {
    const from = at;
    const isComment = rules.startsWith('/*', at) && at + 2 <= lastCommentEnd;
    const afterLayout = isComment ? rules.indexOf('*/', at + 2) + 2 : endOf(layout, rules, at);
    const afterString = afterLayout > at ? undefined : endOfString(at);
    at = afterLayout > at ? afterLayout : (afterString ?? endOf(other, rules, at));
    const kind = afterLayout > from ? 'silent' : afterString === undefined ? 'other' : 'string';
    yield { kind, text: rules.slice(from, at) };
  }
}

/** Where what a pattern matches at a place ends; that place when it matches nothing. */
const endOf = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
};
