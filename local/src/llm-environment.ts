// Which models answer. What the environment names wins: a base URL is used as it is, a key without one means the provider
// itself. Only when it names none, the stand-in answers for all three.

interface ProviderVariables {
  readonly provider: string;
  readonly key: string;
  readonly baseUrl: string;
  /** Path of the provider's API on the stand-in. */
  readonly path: string;
}

const providers: readonly ProviderVariables[] = [
  { provider: 'anthropic', key: 'ANTHROPIC_API_KEY', baseUrl: 'ANTHROPIC_BASE_URL', path: '/anthropic' },
  { provider: 'openai', key: 'OPENAI_API_KEY', baseUrl: 'OPENAI_BASE_URL', path: '/openai/v1' },
  { provider: 'google', key: 'GEMINI_API_KEY', baseUrl: 'GOOGLE_GEMINI_BASE_URL', path: '/gemini' },
];

const standInKey = 'local-stand-in';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ModelSource {
  /** `local stand-in`, or the providers' names. */
  readonly answersFrom: string;
  readonly variables: Readonly<Record<string, string>>;
}

const configured = (environment: Environment) =>
  providers.filter(({ key, baseUrl }) => environment[key] || environment[baseUrl]);

export const needsStandIn = (environment: Environment): boolean => configured(environment).length === 0;

/** The variables of the providers that the environment names; the others are empty, which switches them off. */
export const namedProviders = (environment: Environment): ModelSource => ({
  answersFrom: configured(environment)
    .map(({ provider }) => provider)
    .join(', '),
  variables: Object.fromEntries(
    providers.flatMap(({ key, baseUrl }) => {
      const url = environment[baseUrl] ?? '';
      // A server of one's own rarely asks for a key, but the SDKs do.
      return [
        [key, environment[key] || (url && standInKey)],
        [baseUrl, url],
      ];
    }),
  ),
});

/** The variables that send all three SDKs to the stand-in at `url`. */
export const standIn = (url: string): ModelSource => ({
  answersFrom: 'local stand-in',
  variables: Object.fromEntries(
    providers.flatMap(({ key, baseUrl, path }) => [
      [key, standInKey],
      [baseUrl, `${url}${path}`],
    ]),
  ),
});
