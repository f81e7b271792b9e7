// Reads a rules file token by token. Tokens are cut on demand, as a `/` opens a path or divides depending on where it stands.

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

/** The text is not of the rules language; `at` is the offset where reading stopped. */
export class RulesSyntaxError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'RulesSyntaxError';
    this.at = at;
  }
}

const space = /(?:[ \t\r\n\f]+|\/\/[^\n]*)*/y;
const word = /[A-Za-z_$][\w$]*/y;
const number = /(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)/y;
const symbol = /&&|\|\||==|!=|<=|>=|\+\+|--|\*\*|[{}()[\]<>=!?:;,.+\-*/%@$]/y;
const escape = /\\(?:["'\\bfnrt]|u[0-9A-Fa-f]{4}|[xX][0-9A-Fa-f]{2}|[0-3][0-7]{2})/y;
const segment = /[\w:@.~&'*+-]+|%[0-9A-Fa-f]{2}/y;

// Deeper than any rule a person would write, and far from the limits of the call stack.
const maxNesting = 100;

export class Cursor {
  readonly #source: string;
  readonly #lastCommentEnd: number;
  #offset = 0;
  #ahead: Token | undefined;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    this.#lastCommentEnd = source.lastIndexOf('*/');
  }

  /** The next token, left where it is. */
  get next(): Token {
    return (this.#ahead ??= this.#cut());
  }

  take(): Token {
    const token = this.next;
    this.#offset = token.at + token.text.length;
    this.#ahead = undefined;
    return token;
  }

  is(text: string): boolean {
    return this.next.text === text && (this.next.kind === 'symbol' || this.next.kind === 'word');
  }

  tryTake(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  expect(text: string): Token {
    return this.is(text) ? this.take() : this.fail(`Expected '${text}'`);
  }

  /** Throws what was expected, and what stands there instead. */
  fail(expected: string): never {
    const { kind, text, at } = this.next;
    throw new RulesSyntaxError(`${expected}, found ${kind === 'end' ? 'the end of the file' : `'${text}'`}.`, at);
  }

  /** Runs `parse` one level deeper; throws when the text nests deeper than anything sensible. */
  nested<T>(parse: () => T): T {
    if (this.#nesting >= maxNesting) throw new RulesSyntaxError('Nested too deeply.', this.next.at);
    this.#nesting += 1;
    const parsed = parse();
    this.#nesting -= 1;
    return parsed;
  }

  /** The source from `at` up to the next token. */
  textSince(at: number): string {
    return this.#source.slice(at, this.next.at);
  }

  /** The characters of a literal path segment that start right after the last token; empty when there are none. */
  takeSegment(): string {
    this.#ahead = undefined;
    const start = this.#offset;
    while (this.#skip(segment) > 0);
    return this.#source.slice(start, this.#offset);
  }

  /** True when the character right after the next token belongs to a path segment, with no space between. */
  get nextTouchesSegment(): boolean {
    const { at, text } = this.next;
    return /[\w:@.~&'*+%$({-]/.test(this.#source.charAt(at + text.length));
  }

  #cut(): Token {
    this.#skipSpace();
    const at = this.#offset;
    if (at >= this.#source.length) return { kind: 'end', text: '', at };
    const quoted = this.#quotedLength(at);
    if (quoted > 0) return { kind: 'string', text: this.#source.slice(at, at + quoted), at };
    for (const [kind, pattern] of [
      ['word', word],
      ['number', number],
      ['symbol', symbol],
    ] as const) {
      const length = this.#measure(pattern, at);
      if (length > 0) return { kind, text: this.#source.slice(at, at + length), at };
    }
    throw new RulesSyntaxError('A character that the rules language does not use.', at);
  }

  // A comment that never ends is none. That is known beforehand: to look for each one's end would be to read the rest each time.
  #skipSpace() {
    this.#skip(space);
    while (this.#source.startsWith('/*', this.#offset) && this.#offset + 2 <= this.#lastCommentEnd) {
      this.#offset = this.#source.indexOf('*/', this.#offset + 2) + 2;
      this.#skip(space);
    }
  }

  #quotedLength(at: number): number {
    const prefix = /^[bB]["']/.test(this.#source.slice(at, at + 2)) ? 1 : 0;
    const quote = this.#source.charAt(at + prefix);
    if (quote !== '"' && quote !== "'") return 0;
    let end = at + prefix + 1;
    while (this.#source.charAt(end) !== quote) end += this.#characterLength(end, quote);
    return end + 1 - at;
  }

  // Word processors' quotes are refused inside the quotes that they look like: they would end the string for a reader's eye.
  #characterLength(at: number, quote: string): number {
    const character = this.#source.charAt(at);
    const lookalikes = quote === "'" ? '\u2018\u2019' : '\u201c\u201d';
    if (character === '' || '\n\r\f\b'.includes(character) || lookalikes.includes(character)) {
      throw new RulesSyntaxError(`A string without its closing ${quote}.`, at);
    }
    if (character !== '\\') return 1;
    const length = this.#measure(escape, at);
    if (length === 0)
      throw new RulesSyntaxError("Not an escape of the rules language; write '\\\\' for a backslash.", at);
    return length;
  }

  #skip(pattern: RegExp): number {
    const length = this.#measure(pattern, this.#offset);
    this.#offset += length;
    return length;
  }

  #measure(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.exec(this.#source)?.[0].length ?? 0;
  }
}
