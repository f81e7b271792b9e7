// Texts that somebody wrote, as a prompt holds them: data inside of elements, each of which says whose text it is. The service's own
// words stand outside, and nothing else does.
import { jsonHash } from '../platform/hash.ts';

export interface Material {
  /** What it is, in words of the service's own; an id may be among them. */
  readonly name: string;
  /** Whose text it is, in words of the service's own; an id may be among them. */
  readonly by: string;
  readonly text: string;
}

export interface Fenced {
  /** The first line of the message: the element that holds its material. */
  readonly announcement: string;
  readonly elements: string[];
}

/** Puts each text inside an element whose tag contains the hash of all of them: nobody can write a text that holds its own hash. */
export const fence = (materials: readonly Material[]): Fenced => {
  const tag = `material-${jsonHash(materials).slice(0, 32)}`;
  return {
    announcement: `Material of this message stands inside <${tag}> elements.`,
    elements: materials.map(
      ({ name, by, text }) => `<${tag} name=${JSON.stringify(name)} by=${JSON.stringify(by)}>\n${text}\n</${tag}>`,
    ),
  };
};
