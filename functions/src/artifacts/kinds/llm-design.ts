import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';

const text = z.string().trim().min(1);

/** How a feature uses models: which for what, and its retrieval, caching, fallback and cost controls. */
export const llmDesign = z.strictObject({
  models: boundedArray(z.strictObject({ provider: text, model: text, useFor: text }), 100).min(1),
  retrieval: text,
  caching: text,
  fallback: text,
  costControls: boundedArray(text, 200).min(1),
});

/** Metrics: `models`. */
export const checkLlmDesign = jsonKind(llmDesign, ({ models }) => ({ metrics: { models: models.length } }));
