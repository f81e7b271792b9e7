// The model that the demo works with, and what goes wrong on purpose, so that a demo shows how the service deals with it. Only the
// stand-in can be asked for that; real providers have a character, and setbacks, of their own.
import type { CharacterOptions, DefectRule, FaultRule } from '../llm/index.ts';
import type { Request, Setback } from './requests.ts';

/** The assignment whose first answer is cut, as prompts name it. */
export const cutAssignment = 'Define the API contract';

const announcements: Readonly<Record<Setback, string>> = {
  'cut-answer': 'breaks off its first answer to one assignment',
  'flawed-rules': 'writes security rules with a hole',
};

/** How fast the stand-in answers: so that one can follow, or like a real model. */
export type Pace = 'brisk' | 'real';

const speeds: Readonly<Record<Pace, NonNullable<CharacterOptions['speed']>>> = {
  brisk: { firstTokenMs: 300, tokensPerSecond: 1_200 },
  real: { firstTokenMs: 1_200, tokensPerSecond: 70 },
};

/** Thinks, decides and asks a little; the seed is one whose story has each of them. */
const character = (pace: Pace): CharacterOptions => ({
  seed: 11,
  thinking: 300,
  decisions: 0.2,
  questions: 0.12,
  speed: speeds[pace],
});

const put = async (url: string, body: CharacterOptions | readonly DefectRule[] | readonly FaultRule[]) => {
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The stand-in refused it: ${await response.text()}`);
};

/** Arranges the model's character and the request's setbacks at the stand-in; what to say of them, if anything is to happen. */
export const arrange = async (
  { setbacks = [], title }: Request,
  standIn: string | undefined,
  pace: Pace,
): Promise<string | undefined> => {
  if (standIn === undefined) return undefined;
  const has = (setback: Setback) => setbacks.includes(setback);
  await put(`${standIn}/character`, character(pace));
  await put(
    `${standIn}/faults`,
    has('cut-answer') ? [{ contains: cutAssignment, times: 1, fault: { kind: 'half-json' } }] : [],
  );
  await put(
    `${standIn}/defects`,
    has('flawed-rules') ? [{ task: title, kind: 'security-rules', seenBy: ['security-review'] }] : [],
  );
  const told = setbacks.map((setback) => announcements[setback]).join(', and ');
  return told === '' ? undefined : `On purpose, the model ${told}.`;
};
