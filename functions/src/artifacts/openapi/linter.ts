// Redocly's linter with our rules. It is large and loaded by the first check. It reads nothing but the text that it is given.
import type { Document } from '@redocly/openapi-core';
import { lazy } from '../../platform/lazy.ts';

// The structure of the specification, and what makes a contract contradict itself or leave a caller guessing. Left out of
// the recommended set: what is a matter of taste; rules about servers, which a design does not know yet; rules that run a
// document's own `pattern` against its examples, as a pattern can be written so that it never ends; and rules that compare
// each path with each other one.
const rules = {
  struct: 'error',
  'no-unresolved-refs': 'error',
  'no-enum-type-mismatch': 'error',
  'no-schema-type-mismatch': 'error',
  'no-example-value-and-externalValue': 'error',
  'no-identical-paths': 'error',
  'no-path-trailing-slash': 'error',
  'no-server-variables-empty-enum': 'error',
  'no-undefined-server-variable': 'error',
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-operationId-url-safe': 'error',
  'operation-parameters-unique': 'error',
  'operation-summary': 'error',
  'path-declaration-must-exist': 'error',
  'path-not-include-query': 'error',
  'path-parameters-defined': 'error',
  'security-defined': 'error',
  'spec-components-invalid-map-name': 'error',
} as const;

export const loadLinter = lazy(async () => {
  const redocly = await import('@redocly/openapi-core');
  const config = await redocly.createConfig({ rules });

  class ClosedResolver extends redocly.BaseResolver {
    override loadExternalRef(): Promise<never> {
      return Promise.reject(new redocly.ResolveError(new Error('other documents are not read')));
    }
  }

  return {
    parseYaml: redocly.parseYaml,
    lint: (text: string, parsed: unknown) => {
      const document: Document = { source: new redocly.Source('openapi.yaml', text), parsed };
      return redocly.lintDocument({ document, config, externalRefResolver: new ClosedResolver() });
    },
  };
});
