// The errors that a fault asks for, in words as each provider puts them.
import type { Failure } from './dialects/dialect.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { Provider } from './prompt.ts';

/** A proxy before the provider answers in HTML. */
export const proxyPages: Readonly<Partial<Record<FaultKind, { readonly status: number; readonly title: string }>>> = {
  '413': { status: 413, title: 'Request Entity Too Large' },
  html: { status: 502, title: 'Bad Gateway' },
};

const spent: Readonly<Record<Provider, string>> = {
  anthropic: 'Your organization has reached its monthly spend limit. Access returns at the start of next month.',
  openai: 'You exceeded your current quota, please check your plan and billing details.',
  google: 'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.',
};

const forbidden: Readonly<Record<Provider, string>> = {
  anthropic: 'Your API key does not have permission to use the specified resource.',
  openai: 'Country, region, or territory not supported',
  google: 'Permission denied on resource project.',
};

const unpaid: Readonly<Record<Provider, string>> = {
  anthropic: 'Your credit balance is too low to access the Anthropic API.',
  openai: 'Your account is not active, please check your billing details on our website.',
  google: 'This API method requires billing to be enabled.',
};

const failures: Readonly<Partial<Record<FaultKind, (provider: Provider) => Failure>>> = {
  '400': () => ({ kind: 'invalid', message: 'The request is not valid (a fault of the stand-in).' }),
  '401': () => ({ kind: 'unauthenticated', message: 'The API key is not valid (a fault of the stand-in).' }),
  '402': (provider) => ({ kind: 'unpaid', message: unpaid[provider] }),
  '403': (provider) => ({ kind: 'forbidden', message: forbidden[provider] }),
  '404': () => ({ kind: 'no-model', message: 'The model does not exist or you do not have access to it.' }),
  '500': () => ({ kind: 'internal', message: 'Something went wrong (a fault of the stand-in).' }),
  '529': () => ({ kind: 'overloaded', message: 'The service is overloaded (a fault of the stand-in).' }),
  'dead-money': (provider) => ({ kind: 'dead-money', message: spent[provider] }),
  'context-length': () => ({ kind: 'context-length', message: 'The prompt is too long (a fault of the stand-in).' }),
};

/** The error that the fault asks for; undefined when it is of another kind. */
export const failureOf = (fault: Fault, provider: Provider): Failure | undefined => {
  if (fault.kind !== '429') return failures[fault.kind]?.(provider);
  const failure: Failure = { kind: 'rate-limited', message: 'Too many requests (a fault of the stand-in).' };
  return provider === 'google' ? { ...failure, retryAfterSeconds: fault.retryAfterSeconds } : failure;
};

const forms = {
  seconds: (seconds: number) => ({ 'retry-after': String(seconds) }),
  date: (seconds: number) => ({ 'retry-after': new Date(Date.now() + seconds * 1000).toUTCString() }),
  ms: (seconds: number) => ({ 'retry-after-ms': String(seconds * 1000) }),
};

/** The headers that say when, and whether, to come back. Google has none. */
export const headersOfFault = (fault: Fault, provider: Provider): Record<string, string> => {
  if (fault.kind !== '429' || provider === 'google') return {};
  const { retryAfterSeconds: seconds, form, shouldRetry } = fault;
  return {
    ...(seconds !== undefined && forms[form](seconds)),
    ...(shouldRetry !== undefined && { 'x-should-retry': String(shouldRetry) }),
  };
};
