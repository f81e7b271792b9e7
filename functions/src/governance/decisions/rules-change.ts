// Do two texts of security rules say the same? Comments and layout say nothing; every other token counts, also inside strings.

const token = /(?<skipped>\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\w$]+|[\s\S]/g;

/** True when more than comments and layout differ. */
export const rulesDiffer = (previous: string, current: string): boolean => tokensOf(previous) !== tokensOf(current);

const tokensOf = (rules: string): string =>
  JSON.stringify([...rules.matchAll(token)].filter(({ groups }) => !groups?.['skipped']).map(([text]) => text));
