// One task from hand-in to its records, told on a screen while it happens. What it waits for is answered and approved.
import { setTimeout as pause } from 'node:timers/promises';
import type { Desk, Records } from './desk.ts';
import { readEvent, type WatchedEvent } from './events.ts';
import { liveLines, remarkLines } from './live-lines.ts';
import { narrate, type Remark } from './narrate.ts';
import { planLines } from './plan-lines.ts';
import { beginning, evolve, isPlanKnown, type Progress } from './progress.ts';
import type { Request } from './requests.ts';
import type { Screen } from './screen.ts';
import type { Paint } from './style.ts';

export interface Watching {
  readonly desk: Desk;
  readonly screen: Screen;
  readonly paint: Paint;
  /** Called after each event; what it did, if anything. */
  readonly meddle: (progress: Progress) => Promise<Remark | undefined>;
}

export interface Watched {
  readonly progress: Progress;
  readonly records: Records;
}

const redrawEveryMs = 100;

// So that a reader sees the question before its answer.
const thoughtMs = 700;

/** What a person in charge would say; the stand-in's specialists take any answer. */
const answerText = 'Assume the usual for a start-up: a few thousand a day, and each org sees only its own.';

/** Hands in a task and resolves when it is over. Throws ApiError when the API refuses, and the signal's reason when it aborts. */
export const watch = async (request: Request, watching: Watching): Promise<Watched> => {
  const { desk, screen, paint, meddle } = watching;
  const task = await desk.submit(request);
  let progress = beginning(new Date());
  const redraw = () =>
    screen.show((height) => liveLines(progress, { paint, height, width: screen.width, now: new Date() }));
  const timer = setInterval(redraw, redrawEveryMs);
  try {
    for await (const received of desk.follow(task)) {
      const event = readEvent(received);
      if (!event) continue;
      const before = progress;
      progress = evolve(before, event);
      screen.say(told(before, event, progress, watching));
      screen.say(didLines([await attend(desk, task, event), await meddle(progress)], progress, watching));
    }
  } finally {
    clearInterval(timer);
    screen.show(() => []);
  }
  return { progress, records: await desk.records(task) };
};

/** What the demo itself did just now. */
const didLines = (
  remarks: readonly (Remark | undefined)[],
  { submittedAt }: Progress,
  { screen, paint }: Watching,
): string[] => {
  const view = { paint, width: screen.width };
  const sinceMs = Date.now() - submittedAt.getTime();
  return remarks.flatMap((remark) => (remark ? remarkLines(remark, sinceMs, view) : []));
};

/** Gives what the task waits for, as the person in charge would. */
const attend = async (desk: Desk, task: string, { type, data }: WatchedEvent): Promise<Remark | undefined> => {
  if (type !== 'task.waiting' || data.wait.kind === 'evidence') return undefined;
  const { id, kind, assignment } = data.wait;
  await pause(thoughtMs);
  if (kind === 'input') await desk.answer(task, assignment ?? '', answerText);
  else await desk.approve(id);
  return kind === 'input'
    ? { about: 'answered', text: answerText, tone: 'good' }
    : { about: 'approved', text: 'by you, the main coordinator', tone: 'good' };
};

const told = (before: Progress, event: WatchedEvent, after: Progress, { screen, paint }: Watching): string[] => {
  const view = { paint, width: screen.width, now: event.at };
  const sinceMs = event.at.getTime() - after.submittedAt.getTime();
  const remarks = narrate(event, after).flatMap((remark) => remarkLines(remark, sinceMs, view));
  const planIsNew = isPlanKnown(after) && !isPlanKnown(before);
  return planIsNew && !screen.redraws ? [...remarks, ...planLines(after, view)] : remarks;
};
