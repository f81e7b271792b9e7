// Believable answers where the request is one that we know, by the schema's name or, as not every protocol sends a name, by
// its shape. A hint only: the generator takes what fits the schema and makes up the rest.
import type { Hint } from '../schema/generate.ts';
import { asSchema, resolve } from '../schema/resolve.ts';
import type { JsonSchema, Output } from '../prompt.ts';
import type { Question } from './question.ts';
import { planProposal } from './plan-proposal.ts';
import { artifactKind, specialistOutput } from './specialist-output.ts';
import { taskAnalysis } from './task-analysis.ts';

interface Domain {
  readonly name: string;
  /** Properties that together no other schema has. */
  readonly properties: readonly string[];
  readonly hint: (question: Question) => Hint;
}

const domains: readonly Domain[] = [
  { name: 'task_analysis', properties: ['category', 'priority'], hint: taskAnalysis },
  { name: 'specialist_output', properties: ['artifact'], hint: specialistOutput },
  { name: 'plan_proposal', properties: ['assignments'], hint: planProposal },
];

const domainOf = (name: string, schema: JsonSchema): Domain | undefined => {
  const properties = asSchema(resolve(schema, schema)['properties']);
  const known = [name, schema['title']];
  return (
    domains.find((each) => known.includes(each.name)) ??
    domains.find((each) => name === '' && each.properties.every((property) => property in properties))
  );
};

/** How to answer a question of a known domain; undefined for any other. */
export const domainHint = (question: Question): Hint | undefined =>
  domainOf(question.name, question.schema)?.hint(question);

/** What is asked for, in a word: the kind of artifact, or the name of the domain; empty for what we do not know. */
export const purposeOf = (output: Output): string => {
  if (output.kind === 'text') return '';
  const domain = domainOf(output.name, output.schema);
  return domain?.hint === specialistOutput ? artifactKind(output.schema) : (domain?.name ?? '');
};
