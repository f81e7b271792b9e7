// How the application wants a reviewer's finding: read off the schema of the request, or off a schema that stands in its words.
import type { Found } from '../mind.ts';
import type { JsonSchema } from '../prompt.ts';
import { asSchema, isObject, listOf, resolve } from '../schema/resolve.ts';

/** The schema of each field of a finding, by name, and the names of those that must be there. */
export interface FindingShape {
  readonly fields: Readonly<Record<string, JsonSchema>>;
  /** A review of measurements takes findings too. */
  readonly beside: 'measurements' | undefined;
}

const plain: FindingShape = { fields: {}, beside: undefined };

const parsed = (line: string): JsonSchema[] => {
  if (!line.startsWith('{')) return [];
  try {
    return [asSchema(JSON.parse(line))];
  } catch {
    return [];
  }
};

const shapeIn = (root: JsonSchema, node: unknown, depth = 0): FindingShape | undefined => {
  if (!isObject(node) || depth > 12) return undefined;
  const properties = asSchema(resolve(root, node)['properties']);
  const items = resolve(root, asSchema(asSchema(properties['findings'])['items']));
  const fields = asSchema(items['properties']);
  if ('severity' in fields) {
    const known = Object.entries(fields).map(([name, field]) => [name, resolve(root, asSchema(field))] as const);
    return { fields: Object.fromEntries(known), beside: 'measurements' in properties ? 'measurements' : undefined };
  }
  for (const child of Object.values(properties)) {
    const shape = shapeIn(root, child, depth + 1);
    if (shape) return shape;
  }
  return undefined;
};

export const findingShapeOf = (schema: JsonSchema, system: string): FindingShape => {
  const schemas = [schema, ...system.split('\n').flatMap(parsed)];
  return schemas.map((root) => shapeIn(root, root)).find((shape) => shape !== undefined) ?? plain;
};

/** The artifact in the form that the field asks for: an object, a choice of kinds, or text. */
const artifactIn = (field: JsonSchema, { flaw, id, title }: Found): unknown => {
  const names = asSchema(field['properties']);
  const known: Readonly<Record<string, string>> = { kind: flaw.kind, title, name: title, artifact: title };
  if (Object.keys(names).length > 0) {
    return Object.fromEntries(Object.keys(names).flatMap((name) => (name in known ? [[name, known[name]]] : [])));
  }
  if (listOf(field['enum']).includes(flaw.kind)) return flaw.kind;
  const told = typeof field['description'] === 'string' ? field['description'] : '';
  if (id !== undefined && /\bid\b/i.test(told)) return id;
  if (/\btitle\b/i.test(told)) return title;
  return /\bkind\b/i.test(told) ? flaw.kind : `${flaw.kind}: ${title}`;
};

/** The finding in the words of a reviewer, with those fields beyond the usual three that the application has asked for. */
export const findingOf = (found: Found, { fields }: FindingShape): Record<string, unknown> => {
  const { flaw, title, place } = found;
  const { artifact } = fields;
  return {
    severity: flaw.severity,
    title: `${flaw.title} (${flaw.kind})`,
    recommendation: `In the ${flaw.kind} "${title}", at ${place}: ${flaw.resolution}`,
    ...(artifact && { artifact: artifactIn(artifact, found) }),
    ...('place' in fields && { place }),
    ...('resolution' in fields && { resolution: flaw.resolution }),
  };
};
