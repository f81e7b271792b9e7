// Which requests Anthropic refuses although each of their fields is right, by model, and how a model thinks by default. Models that
// are not known here may do anything.
import type { Effort, Thinking } from '../prompt.ts';
import type { AnthropicRequest } from './anthropic-request.ts';
import { forbid } from './dialect.ts';

interface Habits {
  /** Values of `thinking.type` that are refused. */
  readonly refused: readonly string[];
  /** Thinks when the request does not say. */
  readonly thinks: boolean;
  readonly effort: Effort;
  readonly fixedSampling: boolean;
  readonly prefill: boolean;
  readonly forcedTools: boolean;
  readonly maxTokens: number;
}

const present: Habits = {
  refused: ['enabled'],
  thinks: true,
  effort: 'high',
  fixedSampling: true,
  prefill: false,
  forcedTools: true,
  maxTokens: 128_000,
};
const always: Habits = { ...present, refused: ['enabled', 'disabled', 'between_tools'], forcedTools: false };
const quiet: Habits = { ...present, thinks: false };
const old: Habits = { ...quiet, refused: [], fixedSampling: false, maxTokens: 128_000 };

/** The first that fits. */
const models: readonly (readonly [RegExp, Habits])[] = [
  [/^claude-(fable|mythos)-5-/, always],
  [/^claude-opus-5-5/, { ...always, effort: 'medium' }],
  [/^claude-sonnet-5-5/, { ...present, refused: ['enabled', 'disabled'], forcedTools: false }],
  [/^claude-haiku-5-5/, { ...present, effort: 'medium' }],
  [/^claude-fable-5/, { ...always, forcedTools: true }],
  [/^claude-(opus|sonnet)-5/, present],
  [/^claude-opus-4-[78]/, quiet],
  [/^claude-(opus|sonnet)-4-6/, old],
  [/^claude-haiku-4-5/, { ...old, refused: ['adaptive'], prefill: true, maxTokens: 64_000 }],
  [/^claude-\w+-4-5/, { ...old, refused: ['adaptive'], prefill: true, maxTokens: 64_000 }],
];

const unknown: Habits = { ...old, prefill: true, maxTokens: Infinity };

const habitsOf = (model: string): Habits => models.find(([pattern]) => pattern.test(model))?.[1] ?? unknown;

const thinksIn = ({ thinking, model }: AnthropicRequest): boolean => {
  if (!thinking) return habitsOf(model).thinks;
  return thinking.type === 'enabled' || thinking.type === 'adaptive';
};

export const thinkingOf = (body: AnthropicRequest): Thinking => ({
  reasoning: body.thinking !== undefined && thinksIn(body),
  effort: thinksIn(body) ? (body.output_config?.effort ?? habitsOf(body.model).effort) : 'none',
  thinkingBudget: body.thinking?.budget_tokens,
  showsThinking: body.thinking?.display === 'summarized',
});

const MIN_BUDGET = 1024;

const checkThinking = ({ thinking, model, max_tokens: limit, output_config: config }: AnthropicRequest) => {
  if (!thinking) return;
  const { type, budget_tokens: budget, display } = thinking;
  forbid(habitsOf(model).refused.includes(type), `"thinking.type.${type}" is not supported for this model.`);
  forbid(type === 'enabled' && budget === undefined, 'thinking.enabled.budget_tokens: Field required');
  forbid(type !== 'enabled' && budget !== undefined, `thinking.${type}.budget_tokens: Extra inputs are not permitted`);
  forbid((budget ?? MIN_BUDGET) < MIN_BUDGET, `thinking.enabled.budget_tokens: Input should be at least ${MIN_BUDGET}`);
  forbid((budget ?? 0) >= limit, '`max_tokens` must be greater than `thinking.budget_tokens`.');
  forbid(type === 'disabled' && display != null, 'thinking.disabled.display: Extra inputs are not permitted');
  const strong = config?.effort === 'xhigh' || config?.effort === 'max';
  forbid(
    type === 'disabled' && strong && model.startsWith('claude-opus-5'),
    '"thinking.type.disabled" needs an effort of high or lower.',
  );
};

const LEAST_TOP_P_WITH_THINKING = 0.95;

const isSet = (value: number | undefined) => value !== undefined && value !== 1;

/** The first of the sampling fields that is not at its default. */
const setSampling = ({ temperature, top_p: topP, top_k: topK }: AnthropicRequest): string | undefined => {
  if (isSet(temperature)) return 'temperature';
  if (isSet(topP)) return 'top_p';
  return topK === undefined ? undefined : 'top_k';
};

const checkSampling = (body: AnthropicRequest) => {
  const field = setSampling(body);
  const isFixed = habitsOf(body.model).fixedSampling && field !== undefined;
  forbid(isFixed, `\`${field ?? ''}\` may only be set to its default on this model.`);
  if (thinksIn(body)) return checkSamplingOfThought(body);
  const both = body.temperature !== undefined && body.top_p !== undefined;
  forbid(both, '`temperature` and `top_p` cannot both be specified for this model.');
};

const checkSamplingOfThought = ({ temperature, top_p: topP = 1, top_k: topK }: AnthropicRequest) => {
  forbid(isSet(temperature), '`temperature` may only be set to 1 when thinking is enabled.');
  forbid(topK !== undefined, '`top_k` must be unset when thinking is enabled.');
  forbid(topP < LEAST_TOP_P_WITH_THINKING, '`top_p` must be greater than or equal to 0.95 when thinking is enabled.');
};

const checkTools = (body: AnthropicRequest) => {
  const { model, tool_choice: choice, thinking, tools = [] } = body;
  if (!choice || choice.type === 'none') return;
  forbid(tools.length === 0, 'tool_choice may only be specified while providing tools.');
  if (choice.type === 'auto') return;
  forbid(!habitsOf(model).forcedTools, 'tool_choice: forcing tool use is not supported for this model.');
  forbid(thinking?.type === 'enabled', 'Thinking may not be enabled when tool_choice forces tool use.');
  const isKnown = choice.type === 'any' || tools.some(({ name }) => name === choice.name);
  forbid(!isKnown, `Tool '${choice.name ?? ''}' not found in provided tools`);
};

const checkTurns = ({ model, messages }: AnthropicRequest) => {
  forbid(messages[0]?.role !== 'user', 'messages: first message must use the "user" role');
  const isPrefilled = messages.at(-1)?.role === 'assistant' && !habitsOf(model).prefill;
  forbid(
    isPrefilled,
    'This model does not support assistant message prefill. The conversation must end with a user message.',
  );
};

const checkLimit = ({ model, max_tokens: limit, output_config: config }: AnthropicRequest) => {
  const { maxTokens } = habitsOf(model);
  forbid(
    limit > maxTokens,
    `max_tokens: ${limit} > ${maxTokens}, which is the maximum allowed number of output tokens for ${model}`,
  );
  forbid(
    config?.effort != null && model.startsWith('claude-haiku-4-5'),
    'This model does not support the effort parameter.',
  );
};

/** Throws a Refusal. */
export const checkAnthropic = (body: AnthropicRequest): void => {
  checkLimit(body);
  checkTurns(body);
  checkThinking(body);
  checkSampling(body);
  checkTools(body);
};
