// Firestore security rules, read by our own parser: the packages that parse the language are tied to a linter or a
// formatter, which a deployed function should not carry.
import { lineAndColumn } from '../json-text.ts';
import { accepted, maxConcerns, rejected, rejectedFor } from '../result.ts';
import type { ArtifactCheck } from '../schemas.ts';
import { checkStructure } from '../security-rules/check-structure.ts';
import { RulesSyntaxError } from '../security-rules/cursor.ts';
import { parseRuleset } from '../security-rules/parse-ruleset.ts';
import type { Allow, Match, Ruleset } from '../security-rules/syntax-tree.ts';

const writing = new Set(['write', 'create', 'update', 'delete']);

/** Valid when the rules parse and their structure holds; findings stand at `line:column`. Metrics: `matches`, `allows`. */
export const checkSecurityRules = (source: string): ArtifactCheck => {
  try {
    return judge(parseRuleset(source), source);
  } catch (error) {
    if (!(error instanceof RulesSyntaxError)) throw error;
    return rejected([{ where: lineAndColumn(source, error.at), message: error.message }]);
  }
};

const judge = (ruleset: Ruleset, source: string): ArtifactCheck => {
  const problems = checkStructure(ruleset);
  if (problems.length > 0) {
    return rejectedFor(problems, ({ message, at }) => ({ where: lineAndColumn(source, at), message }));
  }
  const matches = ruleset.services.flatMap((service) => service.matches.flatMap(withNested));
  const allows = matches.flatMap((match) => match.allows);
  return accepted({
    metrics: { matches: matches.length, allows: allows.length },
    concerns: concernsOf(ruleset, allows, source),
  });
};

const withNested = (match: Match): Match[] => [match, ...match.matches.flatMap(withNested)];

const concernsOf = (ruleset: Ruleset, allows: readonly Allow[], source: string): string[] => [
  ...(ruleset.version?.name === '2'
    ? []
    : ["The rules use version 1 of the language: begin with rules_version = '2'."]),
  ...allows
    .filter(isOpenWrite)
    .slice(0, maxConcerns)
    .map((allow) => {
      const methods = allow.methods.map(({ name }) => name).join(', ');
      return `Anybody may write: allow ${methods} at ${lineAndColumn(source, allow.at)} has no condition that could fail.`;
    }),
];

const isOpenWrite = ({ methods, condition }: Allow): boolean =>
  methods.some(({ name }) => writing.has(name)) &&
  (condition === null || (condition.kind === 'constant' && condition.value === true));
