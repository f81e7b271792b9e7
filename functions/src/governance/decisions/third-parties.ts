// New third-party services, read off what a service depends on and which models it uses.

/** Parts of the platform that every service here stands on. */
const platform =
  /\b(firebase|firestore|realtime database|cloud (functions?|run|storage|tasks|scheduler|logging|monitoring|sql|kms|cdn|build)|pub\/?sub|google cloud|gcp|secret manager|bigquery|fcm|identity platform|app check|vertex|node(\.js)?)\b/i;

/** Services of others that are known by name; names that are common words are left out, and so are the providers of this service. */
const vendors = [
  ...['stripe', 'paypal', 'adyen', 'braintree', 'plaid', 'chargebee', 'paddle', 'mollie', 'klarna'],
  ...['sendgrid', 'mailgun', 'postmark', 'mailchimp', 'twilio', 'vonage', 'messagebird', 'onesignal', 'braze'],
  ...[
    'algolia',
    'elastic cloud',
    'elasticsearch',
    'meilisearch',
    'typesense',
    'pinecone',
    'weaviate',
    'qdrant',
    'milvus',
  ],
  ...['mistral', 'cohere', 'groq', 'perplexity', 'hugging face', 'huggingface', 'together ai', 'deepseek'],
  ...['auth0', 'okta', 'cognito', 'workos', 'supabase', 'mongodb atlas', 'planetscale', 'upstash', 'redis cloud'],
  ...[
    'aws',
    'amazon',
    'azure',
    'cloudflare',
    'fastly',
    'akamai',
    'vercel',
    'netlify',
    'heroku',
    'digitalocean',
    'snowflake',
    'databricks',
  ],
  ...['datadog', 'sentry', 'new relic', 'pagerduty', 'opsgenie', 'mixpanel', 'amplitude', 'launchdarkly', 'posthog'],
  ...['slack', 'salesforce', 'hubspot', 'zendesk', 'intercom', 'shopify', 'twitch', 'discord', 'telegram', 'whatsapp'],
  ...[
    'mapbox',
    'here maps',
    'google maps',
    'openweather',
    'cloudinary',
    'imgix',
    'agora',
    'livekit',
    'docusign',
    'dropbox',
  ],
];
const vendor = new RegExp(`\\b(${vendors.map((name) => name.replaceAll(/[ -]/g, '[ -]?')).join('|')})\\b`, 'gi');

export interface ThirdParties {
  /** What the service depends on, one sentence each. */
  readonly dependencies?: readonly string[];
  /** Providers of the models that it uses. */
  readonly modelProviders?: readonly string[];
}

/**
 * The services of others that `current` names and `previous` does not. Known ones are found by name; with `isStated`, because the
 * specialist says that there is one, every new dependency that is no part of the platform counts.
 */
export const newThirdParties = (previous: ThirdParties, current: ThirdParties, isStated: boolean): string[] => {
  const before = new Set(textsOf(previous).flatMap(vendorsIn));
  const known = textsOf(current)
    .flatMap(vendorsIn)
    .filter((name) => !before.has(name));
  const earlier = new Set((previous.dependencies ?? []).map(wordsOf));
  const unknown = (current.dependencies ?? []).filter(
    (each) => isStated && !platform.test(each) && vendorsIn(each).length === 0 && !earlier.has(wordsOf(each)),
  );
  return [...new Set([...known, ...unknown])];
};

const textsOf = ({ dependencies = [], modelProviders = [] }: ThirdParties): string[] => [
  ...dependencies,
  ...modelProviders,
];

const vendorsIn = (text: string): string[] => [...text.matchAll(vendor)].map(([name]) => name.toLowerCase());

const wordsOf = (text: string): string => text.toLowerCase().replaceAll(/\W+/g, ' ').trim();
