// One task from hand-in to its records, told on a screen while it happens.
import type { Desk, Records } from './desk.ts';
import { readEvent, type WatchedEvent } from './events.ts';
import { liveLines, remarkLine } from './live-lines.ts';
import { narrate } from './narrate.ts';
import { planLines } from './plan-lines.ts';
import { beginning, evolve, isPlanKnown, type Progress } from './progress.ts';
import type { Request } from './requests.ts';
import type { Screen } from './screen.ts';
import type { Paint } from './style.ts';

export interface Watching {
  readonly desk: Desk;
  readonly screen: Screen;
  readonly paint: Paint;
}

export interface Watched {
  readonly progress: Progress;
  readonly records: Records;
}

const redrawEveryMs = 100;

/** Hands in a task and resolves when it is over. Throws ApiError when the API refuses, and the signal's reason when it aborts. */
export const watch = async (request: Request, { desk, screen, paint }: Watching): Promise<Watched> => {
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
      screen.say(told(before, event, progress, { screen, paint }));
    }
  } finally {
    clearInterval(timer);
    screen.show(() => []);
  }
  return { progress, records: await desk.records(task) };
};

const told = (
  before: Progress,
  event: WatchedEvent,
  after: Progress,
  { screen, paint }: Omit<Watching, 'desk'>,
): string[] => {
  const view = { paint, width: screen.width, now: event.at };
  const sinceMs = event.at.getTime() - after.submittedAt.getTime();
  const remarks = narrate(before, event, after).map((remark) => remarkLine(remark, sinceMs, view));
  const planIsNew = isPlanKnown(after) && !isPlanKnown(before);
  return planIsNew && !screen.redraws ? [...remarks, ...planLines(after, view)] : remarks;
};
