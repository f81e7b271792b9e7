// Which requests the Gemini API refuses although each of their fields is right, by model, and how a model thinks by default.
import type { Effort, Thinking } from '../prompt.ts';
import { type Address, forbid } from './dialect.ts';

interface ThinkingConfig {
  readonly thinkingBudget?: number | undefined;
  readonly thinkingLevel?: string | undefined;
  readonly includeThoughts?: boolean | undefined;
}

interface Declared {
  readonly parameters?: unknown;
  readonly parametersJsonSchema?: unknown;
  readonly name: string;
}

interface Request {
  readonly contents: readonly {
    readonly role?: string | undefined;
    readonly parts: readonly { readonly text?: string | undefined }[];
  }[];
  readonly generationConfig?:
    | {
        readonly responseMimeType?: string | undefined;
        readonly responseSchema?: unknown;
        readonly responseJsonSchema?: unknown;
        readonly maxOutputTokens?: number | undefined;
        readonly thinkingConfig?: ThinkingConfig | undefined;
      }
    | undefined;
  readonly tools?: readonly { readonly functionDeclarations: readonly Declared[] }[] | undefined;
}

const levels: Readonly<Record<string, Effort>> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' };

/** Their thinking cannot be switched off; the least is LOW. */
const alwaysThinks = (model: string) => /^gemini-(3\.[78]|4)/.test(model);

const usualEffort = (model: string): Effort => {
  if (model.startsWith('gemini-3.5-flash-lite')) return 'minimal';
  return model.startsWith('gemini-3.1-pro') ? 'high' : 'medium';
};

export const thinkingOf = (model: string, config: ThinkingConfig | undefined): Thinking => {
  const { thinkingBudget: budget, thinkingLevel: level, includeThoughts = false } = config ?? {};
  const isOff = budget === 0;
  return {
    reasoning: !isOff,
    effort: isOff ? 'none' : (levels[level ?? ''] ?? usualEffort(model)),
    thinkingBudget: budget !== undefined && budget > 0 ? budget : undefined,
    showsThinking: includeThoughts,
  };
};

const checkThinking = (model: string, { thinkingBudget: budget, thinkingLevel: level }: ThinkingConfig) => {
  forbid(
    budget !== undefined && level !== undefined,
    'You can only set only one of thinking budget and thinking level.',
  );
  forbid(
    level !== undefined && !(level in levels),
    `Invalid value at 'generation_config.thinking_config.thinking_level': "${level ?? ''}"`,
  );
  forbid(level === 'MINIMAL' && alwaysThinks(model), 'Thinking level MINIMAL is not supported for this model.');
  forbid(budget === 0 && alwaysThinks(model), 'Budget 0 is invalid. This model only works in thinking mode.');
};

const MOST_TOKENS = 65_536;
const MOST_TOKENS_UNSTREAMED = 32_768;

const checkOutput = ({ generationConfig: config = {} }: Request, { model, method }: Address) => {
  const { responseSchema, responseJsonSchema, responseMimeType, maxOutputTokens = 0 } = config;
  forbid(
    responseSchema !== undefined && responseJsonSchema !== undefined,
    'Only one of response_schema and response_json_schema may be set.',
  );
  const hasSchema = responseSchema !== undefined || responseJsonSchema !== undefined;
  forbid(
    hasSchema && responseMimeType !== 'application/json',
    'A response schema needs the response mime type application/json.',
  );
  const isShort = model.startsWith('gemini-4-argon') && method === 'generateContent';
  const most = isShort ? MOST_TOKENS_UNSTREAMED : MOST_TOKENS;
  forbid(
    maxOutputTokens > most,
    `Unable to submit request because it has a maxOutputTokens value of ${maxOutputTokens} but the supported range is from 1 to ${most}.`,
  );
};

/** Throws a Refusal. */
export const checkGemini = (body: Request, address: Address): void => {
  checkThinking(address.model, body.generationConfig?.thinkingConfig ?? {});
  checkOutput(body, address);
  const last = body.contents.at(-1);
  const isPrefilled = last?.role === 'model' && last.parts.some(({ text = '' }) => text !== '');
  forbid(isPrefilled, 'Please ensure that the request ends with a user turn.');
  for (const { name, parameters, parametersJsonSchema } of (body.tools ?? []).flatMap(
    (tool) => tool.functionDeclarations,
  )) {
    forbid(
      parameters !== undefined && parametersJsonSchema !== undefined,
      `Function ${name}: only one of parameters and parameters_json_schema may be set.`,
    );
  }
};
