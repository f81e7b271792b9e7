// A model's answer, before it is put into a provider's protocol.
import { domainHint, purposeOf } from './answers/index.ts';
import type { Character } from './character.ts';
import type { DefectPlan } from './defects.ts';
import type { Fault, FaultKind } from './faults.ts';
import { type Mind, mindFor } from './mind.ts';
import { chooseFinish, type Finish, spoil } from './spoil.ts';
import { type JsonSchema, type Prompt, userText } from './prompt.ts';
import { integerBetween, type Random, seededRandom, seedOf, sha256 } from './random.ts';
import { generate } from './schema/generate.ts';
import { type Subject, subjectOf } from './subject.ts';
import { cutToTokens, type PrefixCache, tokensOf, type Usage } from './usage.ts';

export interface Answer {
  /** Unique for each request; providers' ids are made of it. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** The whole text; the arguments as JSON when a tool is called. */
  readonly text: string;
  /** The called tool's name. */
  readonly tool: string | undefined;
  readonly finish: Finish;
  readonly usage: Usage;
  /** The model that answered, which need not be the one that was asked. */
  readonly model: string;
  /** When a stream tells the token counts: as the provider usually does, only in its last event, or never. */
  readonly tellsUsage: 'usually' | 'at-the-end' | 'never';
}

const paragraph = (random: Random, { title, words, resources }: Subject) => {
  const [first = 'request', second = first] = words;
  const steps = integerBetween(random, 2, 4);
  const advice = [
    `Begin with ${resources[0]}: decide who owns them and how they are read.`,
    `Then settle what ${first} means for ${second}, and write it down as a contract.`,
    'Keep the first version small, measure it, and only then make it faster.',
    'Say clearly what happens when a part fails.',
  ];
  return [`About "${title}":`, ...advice.slice(0, steps)].join(' ');
};

const contentOf = (prompt: Prompt, random: Random, mind: Mind): unknown => {
  const text = userText(prompt);
  const subject = subjectOf(text);
  if (prompt.output.kind === 'text') return paragraph(random, subject);
  const { schema, name } = prompt.output;
  const hint = domainHint({ name, schema, system: prompt.system, text, random, subject, mind });
  return generate({ schema, random, subject, ...(hint && { hint }) });
};

const seedText = ({ model, system, turns, output }: Prompt) => JSON.stringify([model, system, turns, output]);

export interface AnswerRequest {
  readonly prompt: Prompt;
  readonly id: string;
  /** The account, which shares its prompt cache with no other. */
  readonly account: string;
  readonly fault: Fault | undefined;
  readonly character?: Character;
  readonly defects?: DefectPlan;
}

/** What fits: thinking comes first and counts against the limit, so that nothing may be left for words. */
const within = (whole: string, thought: number, limit: number) => {
  const left = Math.max(0, limit - thought);
  const isCut = tokensOf(whole) > left;
  return { text: isCut ? cutToTokens(whole, left) : whole, thought: Math.min(thought, limit), isCut };
};

const tellings: Readonly<Partial<Record<FaultKind, Answer['tellsUsage']>>> = {
  'late-usage': 'at-the-end',
  'no-usage': 'never',
};

/** The answer to a prompt: the same text for the same prompt; only the cached part of the usage depends on earlier requests. */
export const answer = (request: AnswerRequest, prefixes: PrefixCache): Answer => {
  const { prompt, id, account, character, defects } = request;
  const mind = mindFor({ prompt, purpose: purposeOf(prompt.output), character, defects });
  const fault = request.fault ?? (mind.declines ? declining : undefined);
  const random = seededRandom(seedOf(sha256(seedText(prompt))));
  const whole = spoil(contentOf(prompt, random, mind), prompt.output, { fault, slip: mind.error });
  const { text, thought, isCut } = within(whole, mind.thinkingTokens, prompt.maxOutputTokens ?? Infinity);
  return {
    id,
    createdAt: Math.floor(Date.now() / 1000),
    text,
    tool: prompt.output.kind === 'tool' ? prompt.output.name : undefined,
    finish: chooseFinish(isCut, fault),
    usage: {
      ...prefixes.measure(prompt, `${account}\n${prompt.model}`),
      outputVisible: tokensOf(text),
      outputReasoning: thought,
    },
    model: fault?.kind === 'other-model' ? fault.model : prompt.model,
    tellsUsage: (fault && tellings[fault.kind]) ?? 'usually',
  };
};

const declining: Fault = { kind: 'refusal' };

/** The text in so many pieces, as a stream delivers it. */
export const piecesOf = (text: string, pieces: number): string[] => {
  const size = Math.max(1, Math.ceil(text.length / pieces));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
};

/** The arguments of a tool call as a value; what was cut or spoilt cannot be one and is empty. */
export const toolArguments = ({ text }: Answer): JsonSchema => {
  try {
    return JSON.parse(text) as JsonSchema;
  } catch {
    return {};
  }
};
