// Reads JSON that somebody else wrote: tells where it goes wrong, and refuses depth before anything recursive sees it.
import { findJsonFault, positionOf } from '../platform/json-grammar.ts';
import type { Finding } from './schemas.ts';

export type JsonReading =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly findings: readonly Finding[] };

const maxDepth = 100;

/**
 * Parses JSON (RFC 8259). Text that is not JSON, nests deeper than 100 levels or has more than `maxTokens`, gives one finding at
 * `line:column`.
 */
export const parseJson = (text: string, maxTokens = Number.POSITIVE_INFINITY): JsonReading => {
  const fault = findJsonFault(text, { maxDepth, maxTokens });
  if (!fault) return { ok: true, value: JSON.parse(text) as unknown };
  return { ok: false, findings: [{ where: lineAndColumn(text, fault.at), message: fault.message }] };
};

/** `line:column`, both from 1, of an offset in UTF-16 code units. */
export const lineAndColumn = (text: string, offset: number): string => {
  const { line, column } = positionOf(text, offset);
  return `${line}:${column}`;
};
