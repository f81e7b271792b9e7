// What is shown while a task is worked on: remarks that stay, and a block below them that is drawn again and again. Pure.
import { spendText, type Remark } from './narrate.ts';
import { nameOf, planLines, type PlanView } from './plan-lines.ts';
import type { Progress } from './progress.ts';
import { clip, seconds, wrap } from './text.ts';

const timeChars = 7;
const aboutChars = 10;
const maxLines = 3;

/** `  1.2 s  repair 1    Define the API contract, 1 finding`, in as many lines as the text needs. */
export const remarkLines = (
  { about, text, tone }: Remark,
  sinceMs: number,
  { paint, width }: Pick<PlanView, 'paint' | 'width'>,
): string[] => {
  const said = wrap(text, width - timeChars - aboutChars - 4).slice(0, maxLines);
  return said.map((line, index) => {
    const time = index === 0 ? seconds(sinceMs) : '';
    return [
      paint('quiet', time.padStart(timeChars)),
      paint(tone, (index === 0 ? about : '').padEnd(aboutChars)),
      tone === 'quiet' || tone === 'bad' ? paint(tone, line) : line,
    ].join('  ');
  });
};

// The empty line, the headline and the line of who is at work.
const linesBesidesPlan = 3;

/** How the task stands now: state, spend, plan, and who works on what. At most `height` lines. */
export const liveLines = (progress: Progress, view: PlanView & { readonly height: number }): string[] => {
  const { paint, now, width, height } = view;
  const elapsed = seconds(now.getTime() - progress.submittedAt.getTime());
  const headline = `${progress.state.replace('_', ' ')} · ${elapsed} · ${spendText(progress.spend)}`;
  return [
    '',
    paint('strong', clip(headline, width)),
    ...planLines(progress, { ...view, height: height - linesBesidesPlan }),
    paint('busy', clip(atWork(progress), width)),
  ];
};

const atWork = ({ steps }: Progress): string => {
  const running = [...steps.values()].filter(({ state }) => state === 'running');
  const work = running.map((step) => `${step.specialist} on "${nameOf(step)}"`).join(', ');
  return work === '' ? '' : `at work: ${work}`;
};
