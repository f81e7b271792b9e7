import { isTree, type Tree } from '../../platform/json.ts';
import { parseJson } from '../json-text.ts';
import { loadLinter } from '../openapi/linter.ts';
import { declaresErrors, operationsOf } from '../openapi/operations.ts';
import { checkReferences } from '../openapi/references.ts';
import { survey } from '../openapi/tree.ts';
import { accepted, rejected, rejectedFor } from '../result.ts';
import type { ArtifactCheck, Finding } from '../schemas.ts';

/**
 * Valid when the text is an OpenAPI 3.1 document, JSON or YAML, that stands alone and lints. Findings stand at JSON
 * pointers, faults of the syntax at `line:column`. Metrics: `endpoints`, the number of operations under `paths`, and
 * `operationsWithoutErrors`, how many of them do not declare both client and server errors with a JSON body.
 */
export const checkOpenapi = async (content: string): Promise<ArtifactCheck> => {
  const { lint } = await loadLinter();
  const read = await readDocument(content);
  if (!read.ok) return rejected(read.findings);
  const { references, bounded } = survey(read.root);
  if (!bounded) return rejected([{ where: '', message: 'The document is too large or too deep to be checked.' }]);
  const faults = [...checkVersion(read.root), ...checkReferences(read.root, references)];
  if (faults.length > 0) return rejected(faults);
  const problems = await lint(content, read.root);
  if (problems.length === 0) return accepted({ metrics: metricsOf(read.root) });
  return rejectedFor(problems, ({ message, location }) => ({
    where: pointerOf(location[0]?.pointer),
    message: firstLine(message),
  }));
};

type Reading =
  { readonly ok: true; readonly root: Tree } | { readonly ok: false; readonly findings: readonly Finding[] };

/** Parses a document, JSON or YAML, without checking what is in it. */
export const readDocument = async (content: string): Promise<Reading> => {
  const json = parseJson(content);
  const parsed = json.ok ? json : await readYaml(content);
  if (!parsed.ok) return content.trimStart().startsWith('{') && !json.ok ? json : parsed;
  if (isTree(parsed.value)) return { ok: true, root: parsed.value };
  return { ok: false, findings: [{ where: '', message: 'An OpenAPI document is an object.' }] };
};

const readYaml = async (content: string): Promise<ReturnType<typeof parseJson>> => {
  const { parseYaml } = await loadLinter();
  try {
    return { ok: true, value: parseYaml(content) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = firstLine(error.message);
    const place = /\((\d+:\d+)\)$/.exec(message);
    return { ok: false, findings: [{ where: place?.[1] ?? '', message: `Not YAML: ${message}` }] };
  }
};

const checkVersion = (root: Tree): Finding[] => {
  const key = 'swagger' in root ? 'swagger' : 'openapi';
  const version = root[key];
  if (key === 'openapi' && typeof version === 'string' && /^3\.1\.\d+$/.test(version)) return [];
  return [{ where: `/${key}`, message: 'The document must be of OpenAPI 3.1: openapi: 3.1.0' }];
};

const metricsOf = (root: Tree) => {
  const operations = operationsOf(root);
  const bare = operations.filter((operation) => !declaresErrors(root, operation));
  return { endpoints: operations.length, operationsWithoutErrors: bare.length };
};

// The linter writes a JSON pointer as a URI fragment, and the root as `#/`.
const pointerOf = (fragment = '') => (fragment === '#/' ? '' : fragment.replace(/^#/, ''));

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
