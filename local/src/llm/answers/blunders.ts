// Mistakes in an artifact that its check finds: what a model gets wrong in haste and right when it is told.

const withoutField = (field: string) => (content: string) => {
  const { [field]: _, ...rest } = JSON.parse(content) as Record<string, unknown>;
  return JSON.stringify(rest, undefined, 2);
};

/** The first operation answers with a schema that nobody defined. */
const danglingReference = (content: string) =>
  content.replace(/#\/components\/schemas\/(\w+)Page/, '#/components/schemas/$1List');

const blunders: Readonly<Record<string, (content: string) => string>> = {
  'service-boundaries': withoutField('dataFlow'),
  openapi: danglingReference,
  'firestore-schema': (content) => content.replace('orgs/{org}/', 'orgs/'),
  'security-rules': (content) => content.replace('isMember(org) &&', 'isSignedInMember(org) &&'),
  typescript: (content) => `${content}\nexport const retries: number = 'three';\n`,
  'llm-design': withoutField('fallback'),
  'prompt-template': (content) => content.replace('{{answerLanguage}}', '{{language}}'),
  markdown: (content) => content.replaceAll(/^#+ /gm, ''),
  'code-review': withoutField('verdict'),
  'security-review': withoutField('verdict'),
  'performance-review': withoutField('measurements'),
  'deployment-plan': withoutField('rollback'),
};

/** The artifact with a mistake of its kind. */
export const blunder = (kind: string, content: string): string => blunders[kind]?.(content) ?? content;
