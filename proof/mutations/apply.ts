/** An exact text, which must be in its file once, and what stands there instead. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

/** One deliberate defect of the engine. */
export interface Mutation {
  /** What no longer holds. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly edits: readonly Edit[];
  readonly project: 'unit' | 'emulator';
  /** The test files of which at least one must fail. */
  readonly tests: readonly string[];
}

/** The text with the defect in it. Throws when a place is not there exactly once: the engine has moved on, the table must too. */
export const withDefect = (text: string, { name, file, edits }: Pick<Mutation, 'name' | 'file' | 'edits'>): string =>
  edits.reduce((edited, { find, replace }) => {
    const places = edited.split(find).length - 1;
    if (places !== 1) throw new Error(`"${name}": ${file} has ${places} places that read:\n${find}`);
    return edited.replace(find, () => replace);
  }, text);
