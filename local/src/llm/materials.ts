// What a prompt quotes: the elements in which the application puts texts that are data. A leaf.

export interface Material {
  /** As the application names it, e.g. `contract: openapi` or `task`. */
  readonly name: string;
  /** What the text is called, if it says so in its first line. */
  readonly title: string | undefined;
  readonly text: string;
}

const element = /<([\w-]+) name="((?:[^"\\]|\\.)*)"(?: by="(?:[^"\\]|\\.)*")?>\n([^]*?)\n<\/\1>/g;
const titleLine = /^Title: (.+)\n\n/;

export const materialsIn = (text: string): Material[] =>
  [...text.matchAll(element)].map(([, , name = '', inside = '']) => ({
    name,
    title: titleLine.exec(inside)?.[1],
    text: inside.replace(titleLine, ''),
  }));

/** The text around the materials: what the application itself says. */
export const withoutMaterials = (text: string): string => text.replaceAll(element, '');

const artifactName = /^(?:([a-z0-9_-]+): )?([a-z][a-z-]*[a-z])$/;

/** The kind of artifact that the material is; undefined for a task, a remark, or a list of findings. */
export const kindOf = ({ name, title }: Material): string | undefined =>
  title === undefined ? undefined : artifactName.exec(name)?.[2];

/** What the application calls the work that made it. */
export const idOf = ({ name }: Material): string | undefined => artifactName.exec(name)?.[1];

/** The service had it before this task: it is no work of the task, and no reviewer can have it reworked. */
export const isAccepted = (material: Material): boolean => idOf(material)?.startsWith('accepted-') ?? false;

/** What the artifact is called. */
export const titleOf = ({ name, title }: Material): string => title ?? name;
