// The accident of the demo: in the middle of the work, one of the processes that do it is killed.
import type { Suite } from '../suite.ts';
import type { Remark } from './narrate.ts';
import type { Progress } from './progress.ts';

const running = ({ steps }: Progress): number => [...steps.values()].filter(({ state }) => state === 'running').length;

/** So much work at the same time that the busiest process has some, whatever else it serves. */
const enoughAtWork = 2;

export interface Accident {
  /** Kills the busiest process once, as soon as several assignments are being worked on; says that it did. */
  readonly meddle: (progress: Progress) => Promise<Remark | undefined>;
  /** What to say when all is well in the end; nothing when nothing was killed. */
  readonly moral: () => string | undefined;
}

export const accident = (suite: Pick<Suite, 'instances' | 'kill'>): Accident => {
  let happened = false;
  return {
    meddle: async (progress) => {
      if (happened || running(progress) < enoughAtWork) return undefined;
      const victim = suite.instances().toSorted((first, second) => second.inFlight - first.inFlight)[0];
      if (!victim) return undefined;
      happened = true;
      await suite.kill(victim.pid);
      const text = `on purpose: process ${victim.pid} dies in the middle of its work; nothing may be lost`;
      return { about: 'kill -9', text, tone: 'bad' };
    },
    moral: () => (happened ? 'A process was killed in the middle of the work, and nothing was lost.' : undefined),
  };
};
