import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';

const text = z.string().trim().min(1);

/** Where one service begins and ends: its purpose, what it depends on, and how data passes through. */
export const serviceBoundaries = z.strictObject({
  service: z.strictObject({ name: text, purpose: text }),
  dependencies: boundedArray(text, 200),
  dataFlow: z.strictObject({ input: text, processing: text, output: text }),
});

/** Metrics: `dependencies`. */
export const checkServiceBoundaries = jsonKind(serviceBoundaries, ({ dependencies }) => ({
  metrics: { dependencies: dependencies.length },
}));
