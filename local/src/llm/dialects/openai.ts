// What OpenAI's two APIs have in common: errors, and which requests a model refuses although each of their fields is right.
import type { Effort, Thinking } from '../prompt.ts';
import { bearer, type Dialect, event, type Failure, forbid } from './dialect.ts';

const errors = {
  unauthenticated: [401, 'invalid_request_error', 'invalid_api_key'],
  forbidden: [403, 'invalid_request_error', 'unsupported_country_region_territory'],
  invalid: [400, 'invalid_request_error', null],
  'not-found': [404, 'invalid_request_error', 'unknown_url'],
  'no-model': [404, 'invalid_request_error', 'model_not_found'],
  unpaid: [402, 'billing_error', 'billing_not_active'],
  'dead-money': [429, 'insufficient_quota', 'credit_balance_exhausted'],
  'too-large': [413, 'invalid_request_error', 'request_too_large'],
  'context-length': [400, 'invalid_request_error', 'context_length_exceeded'],
  'rate-limited': [429, 'requests', 'rate_limit_exceeded'],
  overloaded: [503, 'service_unavailable_error', 'server_is_overloaded'],
  internal: [500, 'server_error', null],
} as const;

const errorBody = ({ kind, message, param = null, code = errors[kind][2] }: Nullable) => ({
  error: { message, type: errors[kind][1], param, code },
});

type Nullable = Omit<Failure, 'param' | 'code'> & { readonly param?: string | null; readonly code?: string | null };

export const openaiErrors: Pick<Dialect, 'provider' | 'key' | 'error' | 'errorEvent'> = {
  provider: 'openai',
  key: (headers) => bearer(headers),
  error: (failure) => ({ status: errors[failure.kind][0], body: errorBody(failure) }),
  errorEvent: (failure) => event(errorBody(failure)),
};

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];

/** Models that think; older ones have no effort. */
const thinks = (model: string) => /^(gpt-[5-9]|o\d)/.test(model);

/** Models whose thinking cannot be switched off. */
const alwaysThinks = (model: string) => /^(gpt-6-astra|gpt-6\.1-sol)/.test(model);

export const thinkingOf = (
  model: string,
  given: string | null | undefined,
  summary: string | null | undefined,
): Thinking => {
  const asked = efforts.find((effort) => effort === given);
  return {
    reasoning: asked !== undefined && asked !== 'none',
    effort: asked ?? (thinks(model) ? 'medium' : 'none'),
    thinkingBudget: undefined,
    showsThinking: summary != null,
  };
};

export interface Knobs {
  readonly model: string;
  readonly effort: string | null | undefined;
  /** How the API names the effort. */
  readonly effortParam: string;
  readonly temperature: number | null | undefined;
  readonly topP: number | null | undefined;
}

/** Throws a Refusal. */
export const checkKnobs = ({ model, effort, effortParam, temperature, topP }: Knobs): void => {
  const isKnown = effort == null || efforts.some((each) => each === effort);
  const isTooLow = alwaysThinks(model) && (effort === 'none' || effort === 'minimal');
  forbid(
    !isKnown || isTooLow,
    `Unsupported value: '${effortParam}' does not support '${effort ?? ''}' with this model.`,
    {
      param: effortParam,
      code: 'unsupported_value',
    },
  );
  forbid(
    effort != null && !thinks(model),
    `Unsupported parameter: '${effortParam}' is not supported with this model.`,
    {
      param: effortParam,
      code: 'unsupported_parameter',
    },
  );
  if (!thinks(model) || effort === 'none') return;
  for (const [param, value] of [['temperature', temperature] as const, ['top_p', topP] as const]) {
    forbid(value != null && value !== 1, `Unsupported parameter: '${param}' is not supported with this model.`, {
      param,
      code: 'unsupported_parameter',
    });
  }
};

/** Throws a Refusal when Chat Completions has a field that the model takes only in another form, or at the other API. */
export const checkChat = (body: {
  readonly model: string;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly tools?: readonly unknown[] | undefined;
  readonly reasoning_effort?: string | null | undefined;
}): void => {
  const { model, max_tokens: old, max_completion_tokens: limit, tools = [], reasoning_effort: effort } = body;
  forbid(
    old != null && (thinks(model) || limit != null),
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    { param: 'max_tokens', code: 'unsupported_parameter' },
  );
  const needsResponses = alwaysThinks(model) || (/^gpt-6-(sol|luna)/.test(model) && effort !== 'none');
  forbid(
    tools.length > 0 && needsResponses,
    'Function tools with reasoning are not supported for this model in /v1/chat/completions. Please use /v1/responses instead.',
    { param: 'reasoning_effort' },
  );
};
