// What a request asks for, whichever provider's protocol it came in. A leaf.

export type Provider = 'anthropic' | 'openai' | 'google';

export type JsonSchema = Record<string, unknown>;

export interface Turn {
  /** `tool`: the result of a tool, which is data and never carries markers. */
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
}

export interface Tool {
  readonly name: string;
  readonly schema: JsonSchema;
}

export type Output =
  | { readonly kind: 'text' }
  | { readonly kind: 'json'; readonly name: string; readonly schema: JsonSchema }
  | { readonly kind: 'tool'; readonly name: string; readonly schema: JsonSchema };

/** The start of the input that a provider may serve from its prompt cache. */
export interface CacheablePrefix {
  readonly text: string;
  /** `long`: a write that is billed at the price of the longer life time. */
  readonly life: 'short' | 'long';
}

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** How the request wants the model to think. */
export interface Thinking {
  /** The request asks for it in so many words. */
  readonly reasoning: boolean;
  /** What the request asks for, or else what the model does by default; `none` when it does not think. */
  readonly effort: Effort;
  /** The most tokens it may think. */
  readonly thinkingBudget: number | undefined;
  /** A summary of the thoughts comes with the answer. */
  readonly showsThinking: boolean;
}

export interface Prompt extends Thinking {
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly output: Output;
  readonly maxOutputTokens: number | undefined;
  /** A stream tells the token counts at its end. */
  readonly reportsUsage: boolean;
  readonly prefix: CacheablePrefix | undefined;
}

/** What the users wrote, all turns: the only text in which markers count. */
export const userText = (prompt: Prompt): string =>
  prompt.turns
    .filter((turn) => turn.role === 'user')
    .map((turn) => turn.text)
    .join('\n\n');

export interface OutputRequest {
  readonly json: { readonly name: string; readonly schema: JsonSchema } | undefined;
  readonly tools: readonly Tool[];
  /** `required` calls any tool, a name calls that one. */
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly turns: readonly Turn[];
}

/** Decides as a model would: a forced tool first, then the requested format, then a tool as long as none has answered yet. */
export const chooseOutput = ({ json, tools, choice, turns }: OutputRequest): Output => {
  const forced = typeof choice === 'object' ? tools.find((tool) => tool.name === choice.name) : tools[0];
  const isForced = typeof choice === 'object' || choice === 'required';
  if (isForced && forced) return { kind: 'tool', ...forced };
  if (json) return { kind: 'json', ...json };
  const isWilling = choice === 'auto' && !turns.some((turn) => turn.role === 'tool');
  return isWilling && forced ? { kind: 'tool', ...forced } : { kind: 'text' };
};

/** What asks for JSON without a schema gets an object of one sentence. */
export const anyObject = { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'] };

/** Cached without being asked: all but the newest turn. */
export const implicitPrefix = (system: string, tools: readonly Tool[], turns: readonly Turn[]): CacheablePrefix => ({
  text: [JSON.stringify(tools), system, ...turns.slice(0, -1).map((turn) => turn.text)].join('\n'),
  life: 'short',
});
