// The kinds that are JSON of a zod schema differ only in that schema and in what is read off a valid document.
import type { z } from 'zod';
import { parseJson } from './json-text.ts';
import { accepted, rejected, type Judgement } from './result.ts';
import type { ArtifactCheck } from './schemas.ts';
import { zodFindings } from './zod-findings.ts';

// A document that uses the arrays of its schema to the full has fewer. Whatever is wrong with each value costs some kilobytes.
const maxTokens = 60_000;

/** A check of JSON content against `schema`; `judge` gives the metrics, verdict and concerns of a document that fits. */
export const jsonKind =
  <S extends z.ZodType>(schema: S, judge: (document: z.output<S>) => Judgement) =>
  (content: string): ArtifactCheck => {
    const json = parseJson(content, maxTokens);
    if (!json.ok) return rejected(json.findings);
    const parsed = schema.safeParse(json.value);
    return parsed.success ? accepted(judge(parsed.data)) : rejected(zodFindings(parsed.error));
  };
