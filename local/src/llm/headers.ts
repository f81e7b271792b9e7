import type { Provider } from './prompt.ts';

const requestIdHeader = { anthropic: 'request-id', openai: 'x-request-id', google: 'x-request-id' } as const;

/** The headers of every answer: what it is, and the provider's id of the request. */
export const headersOf = (
  { dialect, requestId }: { readonly dialect: { readonly provider: Provider }; readonly requestId: string },
  type: string,
): Record<string, string> => ({ 'content-type': type, [requestIdHeader[dialect.provider]]: requestId });
