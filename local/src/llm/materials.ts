// What a prompt quotes: the elements in which the application puts texts that are data. A leaf.

export interface Material {
  /** As the application names it, e.g. `contract: openapi by api-designer: The API contract`. */
  readonly name: string;
  readonly text: string;
}

const element = /<([\w-]+) name="((?:[^"\\]|\\.)*)">\n([^]*?)\n<\/\1>/g;

export const materialsIn = (text: string): Material[] =>
  [...text.matchAll(element)].map(([, , name = '', inside = '']) => ({ name, text: inside }));

/** The text around the materials: what the application itself says. */
export const withoutMaterials = (text: string): string => text.replaceAll(element, '');

const artifactName = /^(?:([a-z0-9_-]+): )?([a-z][a-z-]*[a-z]) by [^:]+: (.+)$/;

/** The kind of artifact that the material is; undefined for a task, a remark, or a list of findings. */
export const kindOf = ({ name }: Material): string | undefined => artifactName.exec(name)?.[2];

/** What the application calls the work that made it. */
export const idOf = ({ name }: Material): string | undefined => artifactName.exec(name)?.[1];

/** What the artifact is called. */
export const titleOf = ({ name }: Material): string => artifactName.exec(name)?.[3] ?? name;
