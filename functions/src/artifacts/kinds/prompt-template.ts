import { z } from 'zod';
import { boundedArray } from '../../platform/bounded.ts';
import { jsonKind } from '../json-kind.ts';

const text = z.string().trim().min(1);
const variableName = /^[A-Za-z_]\w*$/;
const placeholder = /\{\{([^{}]*)\}\}/g;

/** A prompt with `{{variable}}` placeholders: those that the texts use and those that are declared are the same. */
export const promptTemplate = z
  .strictObject({
    name: text,
    system: text,
    user: text,
    variables: boundedArray(z.string().regex(variableName, 'must be a letter or _, then letters, digits or _'), 200),
    evaluation: boundedArray(text, 200).min(1),
  })
  .superRefine((template, context) => {
    const declared = new Set(template.variables);
    const used = new Set<string>();
    for (const field of ['system', 'user'] as const) {
      for (const name of placeholdersOf(template[field])) {
        if (!used.has(name) && !declared.has(name)) {
          context.addIssue({ code: 'custom', path: [field], message: `{{${name}}} is not among the variables.` });
        }
        used.add(name);
      }
    }
    template.variables.forEach((name, index) => {
      if (!declared.delete(name)) {
        context.addIssue({ code: 'custom', path: ['variables', index], message: `'${name}' is declared twice.` });
      } else if (!used.has(name)) {
        context.addIssue({ code: 'custom', path: ['variables', index], message: `{{${name}}} is never used.` });
      }
    });
  });

const placeholdersOf = (source: string): string[] =>
  [...source.matchAll(placeholder)].map(([, name = '']) => name.trim());

/** Metrics: `variables`. */
export const checkPromptTemplate = jsonKind(promptTemplate, ({ variables }) => ({
  metrics: { variables: variables.length },
}));
