// What the model makes of one request, before it writes anything: what it thinks, states, asks, gets wrong, and finds wrong in
// what others made. Pure: it follows from the character, the defects and the prompt.
import { calm, type Character, shows, thinkingTokens, traitOf, type Work } from './character.ts';
import type { DefectPlan } from './defects.ts';
import { type Flaw, naturalFlaw, naturalFlaws } from './flaws.ts';
import { idOf, isAccepted, kindOf, type Material, materialsIn, titleOf, withoutMaterials } from './materials.ts';
import { type Prompt, userText } from './prompt.ts';
import { integerBetween, pick, type Random } from './random.ts';

/** A flaw in something that the model was shown. */
export interface Found {
  readonly flaw: Flaw;
  /** The id by which the application knows the artifact. */
  readonly id: string | undefined;
  /** What the artifact is called. */
  readonly title: string;
  /** A JSON pointer, or a line. */
  readonly place: string;
}

/**
 * `blunder`: the artifact has a mistake that its check finds. The others are in the form: the JSON in a code fence, after a sentence,
 * or with a comma too many.
 */
export type Slip = 'blunder' | 'fence' | 'prose' | 'comma';

const slips: readonly Slip[] = ['blunder', 'blunder', 'fence', 'prose', 'comma'];

export interface Mind {
  /** For the decisions to state; undefined when it states none. */
  readonly decisions: Random | undefined;
  /** For the question to ask; undefined when it asks none. */
  readonly question: Random | undefined;
  /** The mistake to make; undefined when the answer is sound. */
  readonly error: Slip | undefined;
  readonly declines: boolean;
  readonly thinkingTokens: number;
  /** What its artifact has. */
  readonly flaws: readonly Flaw[];
  /** What it finds in the artifacts of others. */
  readonly found: readonly Found[];
}

export interface MindRequest {
  readonly prompt: Prompt;
  /** The kind of artifact, or the name of what else is asked. */
  readonly purpose: string;
  readonly character?: Character | undefined;
  readonly defects?: DefectPlan | undefined;
}

const assignmentLine = /^Your assignment: (.+)$/m;

/** The assignment, when it is in words of others than the coordinator's. */
const assignmentIn = (materials: readonly Material[]): string =>
  materials.find(({ name }) => name === 'assignment')?.text ?? '';

const workOf = (prompt: Prompt, purpose: string, text: string, materials: readonly Material[]): Work => ({
  task: materials.find(({ name }) => name === 'task')?.text ?? text,
  assignment: assignmentLine.exec(text)?.[1] ?? '',
  purpose,
  round: prompt.turns.filter(({ role }) => role === 'assistant').length,
  again: /\brework/i.test(`${withoutMaterials(text)} ${assignmentIn(materials)}`),
});

/** True when the artifact still has it, as far as the author can know: it was told of it, or its latest version is free of it. */
const isMended = ({ kind, trace, title }: Flaw, materials: readonly Material[]) => {
  const earlier = materials.filter((each) => kindOf(each) === kind);
  const isTold = materials.some(
    (each) => kindOf(each) !== kind && (each.text.includes(title) || each.text.includes(trace)),
  );
  return isTold || (earlier.length > 0 && !earlier.some(({ text }) => text.includes(trace)));
};

const flawsOf = ({ defects, character = calm }: MindRequest, work: Work, materials: readonly Material[]): Flaw[] => {
  const planted = (defects?.of(work.task) ?? []).filter(({ kind }) => kind === work.purpose);
  const stubborn = planted.filter((defect) => defect.stubborn);
  const usual = naturalFlaw(work.purpose);
  const own = usual && shows(character, 'objections', { ...work, assignment: '', again: false }) ? [usual] : [];
  const mendable = [...planted.filter((defect) => !defect.stubborn), ...own];
  return [...stubborn, ...mendable.filter((flaw) => !isMended(flaw, materials))];
};

const placeOf = ({ place, trace }: Flaw, { text }: Material) =>
  place.startsWith('/') ? place : `line ${text.slice(0, text.indexOf(trace)).split('\n').length}`;

const foundBy = ({ defects, character = calm }: MindRequest, work: Work, materials: readonly Material[]): Found[] => {
  const known: readonly Flaw[] = [...(defects?.of(work.task) ?? []), ...(character.objections > 0 ? naturalFlaws : [])];
  const isFirst = (flaw: Flaw, index: number) => known.findIndex(({ trace }) => trace === flaw.trace) === index;
  const noticed = known.filter(isFirst).filter(({ seenBy }) => seenBy.some((kind) => kind === work.purpose));
  // Its own earlier review is what it is to write again, not what it judges.
  const others = materials.filter((material) => kindOf(material) !== work.purpose && !isAccepted(material));
  return others.flatMap((material) =>
    noticed
      .filter(({ kind, trace }) => kindOf(material) === kind && material.text.includes(trace))
      .map((flaw) => ({ flaw, id: idOf(material), title: titleOf(material), place: placeOf(flaw, material) })),
  );
};

/** Sorting a task takes less thought than doing it. */
const SORTING_SHARE = 0.25;

const FEW_TOKENS = [16, 96] as const;

/** Without a character of its own, a model thinks a little where the request asks for it. */
const tokensThought = ({ prompt, character = calm }: MindRequest, work: Work) => {
  const { effort, reasoning, thinkingBudget: budget } = prompt;
  const share = work.purpose === 'task_analysis' ? SORTING_SHARE : 1;
  if (character.thinking > 0) return Math.round(share * thinkingTokens(character, work, { effort, budget }));
  return reasoning ? integerBetween(traitOf(character, 'thinking', work), ...FEW_TOKENS) : 0;
};

export const mindFor = (request: MindRequest): Mind => {
  const { prompt, purpose, character = calm } = request;
  const text = userText(prompt);
  const materials = materialsIn(text);
  const work = workOf(prompt, purpose, text, materials);
  const when = (trait: 'decisions' | 'questions' | 'errors', isFitting = true) =>
    isFitting && shows(character, trait, work) ? traitOf(character, `which ${trait}`, work) : undefined;
  const error = when('errors', work.round === 0);
  return {
    decisions: when('decisions'),
    question: when('questions', !work.again),
    error: error && pick(error, slips),
    declines: shows(character, 'refusals', work),
    thinkingTokens: tokensThought(request, work),
    flaws: flawsOf(request, work, materials),
    found: foundBy(request, work, materials),
  };
};
