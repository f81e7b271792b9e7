// Every parameter and secret of the service; nothing else reads the environment.
import { defineBoolean, defineInt, defineSecret, defineString } from 'firebase-functions/params';
import { refuseEmulators } from './platform/emulators.ts';

refuseEmulators(process.env);

// The Firebase CLI writes a parameter's default into the environment when it deploys; anything else that runs the functions need not.
const text = (name: string, fallback: string) => {
  const param = defineString(name, { default: fallback });
  return { value: () => param.value() || fallback };
};
const count = (name: string, fallback: number) => {
  const param = defineInt(name, { default: fallback });
  return { value: () => param.value() || fallback };
};

export const region = 'us-central1';

/** An event stream ends before it and its reader reconnects. */
export const apiTimeoutSeconds = 300;

/** A provider whose key is empty or `none` is not used. */
export const anthropicApiKey = defineSecret('ANTHROPIC_API_KEY');
export const openaiApiKey = defineSecret('OPENAI_API_KEY');
export const geminiApiKey = defineSecret('GEMINI_API_KEY');
export const modelSecrets = [anthropicApiKey, openaiApiKey, geminiApiKey];

export const anthropicModel = text('ANTHROPIC_MODEL', 'claude-sonnet-5-5');
export const openaiModel = text('OPENAI_MODEL', 'gpt-6.1-terra');
export const geminiModel = text('GEMINI_MODEL', 'gemini-3.8-flash');

/** Empty means the provider's own address. */
export const anthropicBaseUrl = text('ANTHROPIC_BASE_URL', '');
export const openaiBaseUrl = text('OPENAI_BASE_URL', '');
export const geminiBaseUrl = text('GOOGLE_GEMINI_BASE_URL', '');

/** How long a model may take to begin its answer; a provider that is slower is left alone for a while. */
export const modelFirstEventSeconds = count('MODEL_FIRST_EVENT_SECONDS', 60);

/** How long a model that has begun may be silent; its thinking is not heard. A call that goes on has no limit but its work's. */
export const modelTimeoutSeconds = count('MODEL_TIMEOUT_SECONDS', 120);

/** An instance whose last heartbeat is older is taken for dead, and its work is given to others. */
export const leaseMs = count('LEASE_MS', 2_500);

const corsOrigins = text('CORS_ORIGINS', '');

/** Origins of the browser frontends that may call the API; the parameter separates them by commas, and empty means none. */
export const allowedOrigins = (): string[] =>
  corsOrigins
    .value()
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');

/** Requests a minute that one user may make to one instance of the API. */
export const requestsPerMinute = count('REQUESTS_PER_MINUTE', 600);

/** For a developer's machine: webhooks may be http and go to addresses off the public internet. */
export const webhookAllowPrivate = defineBoolean('WEBHOOK_ALLOW_PRIVATE', { default: false });

/** The function that this process serves. Undefined where one process serves several, and where none is served. */
export const servedFunction = process.env['FUNCTION_TARGET'];

/** Whether this process serves functions, as it does on Cloud Run and on the local host, or only loads the code. */
export const servesFunctions = servedFunction !== undefined || process.env['K_REVISION'] !== undefined;
