// Designs as the judges and detectors of governance read them. Nothing here does I/O but for the parser of YAML, which loads itself.
import { z } from 'zod';
import { parseJson, readOpenapi, rulesDeclarations, type ArtifactKind } from '../artifacts/index.ts';
import type { Designs } from '../governance/index.ts';
import { dataModel } from '../governance/schemas.ts';

type Reader = (content: string) => Designs | Promise<Designs>;

const readers: Readonly<Partial<Record<ArtifactKind, Reader>>> = {
  openapi: async (content) => {
    const read = await readOpenapi(content);
    return read.ok ? { openapi: read.root } : {};
  },
  'security-rules': (content) => ({ securityRules: content, declaredRules: rulesDeclarations(content) }),
  'firestore-schema': (content) => fromJson(content, (value) => ({ firestoreSchema: dataModel.parse(value) })),
  'service-boundaries': (content) =>
    fromJson(content, (value) => ({ dependencies: boundaries.parse(value).dependencies })),
  'llm-design': (content) =>
    fromJson(content, (value) => ({ modelProviders: models.parse(value).models.map(nameOfModel) })),
};

/** What of an artifact's content is a design; nothing for the kinds that are none. */
export const readDesign = async (kind: ArtifactKind, content: string): Promise<Designs> =>
  (await readers[kind]?.(content)) ?? {};

const boundaries = z.object({ dependencies: z.array(z.string()) });
const models = z.object({ models: z.array(z.object({ provider: z.string(), model: z.string() })) });

const nameOfModel = ({ provider, model }: { provider: string; model: string }) => `${provider} ${model}`;

const fromJson = (content: string, read: (value: unknown) => Designs): Designs => {
  const json = parseJson(content);
  return json.ok ? read(json.value) : {};
};
