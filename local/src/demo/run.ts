// `npm run demo`: starts the local suite, hands in requests one after the other, shows what happens, and stops everything.
import { ApiError } from '../../../functions/src/client.ts';
import { SuiteError } from '../errors.ts';
import { startSuite, type Suite } from '../suite.ts';
import { openDesk } from './desk.ts';
import { hintLines, providerLines, refusalLines, resultLine } from './frame-lines.ts';
import { readCommandLine, usage, type CommandLine } from './options.ts';
import { outcomeLines } from './outcome-lines.ts';
import { plainScreen, silentScreen, terminalScreen, type Screen } from './screen.ts';
import { arrange } from './setbacks.ts';
import { noPaint, paintFor, type Paint } from './style.ts';
import { summaryLines } from './summary-lines.ts';
import { oneLine, seconds } from './text.ts';
import { watch, type Watched } from './watch.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interruptedStatus = 130;

/**
 * Aborts at the first signal, or when nobody reads the output any more; a second signal ends the process at once, and with it
 * all of its children.
 */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of signals) {
    process.once(signal, () => {
      for (const again of signals) process.once(again, () => process.exit(interruptedStatus));
      controller.abort();
    });
  }
  process.stdout.on('error', () => controller.abort());
  return controller.signal;
};

interface Session {
  readonly screen: Screen;
  readonly paint: Paint;
  readonly interrupted: AbortSignal;
}

const sessionFor = ({ json }: CommandLine): Session => {
  const { stdout } = process;
  const interrupted = interruption();
  if (json) return { screen: silentScreen, paint: noPaint, interrupted };
  return { screen: stdout.isTTY ? terminalScreen(stdout) : plainScreen(stdout), paint: paintFor(stdout), interrupted };
};

const redrawEveryMs = 100;

/** The started suite. What the suite itself says is shown; what the functions log is not. */
const start = async ({ screen, paint }: Session): Promise<Suite> => {
  const startedAt = performance.now();
  const elapsed = () => seconds(performance.now() - startedAt);
  screen.say(['Starting the local suite: Firestore and Pub/Sub emulators, sign-in, models, functions …']);
  const timer = setInterval(() => screen.show(() => [elapsed()]), redrawEveryMs);
  const log = (line: string) => {
    if (!line.startsWith('[')) screen.say([paint('quiet', `suite: ${oneLine(line)}`)]);
  };
  try {
    const suite = await startSuite({ log });
    screen.say([`Started in ${elapsed()}.`]);
    return suite;
  } finally {
    clearInterval(timer);
    screen.show(() => []);
  }
};

const watchAll = async ({ requests, ...wishes }: CommandLine, suite: Suite, session: Session): Promise<Watched[]> => {
  const { screen, paint, interrupted: signal } = session;
  const desk = openDesk({ baseUrl: suite.urls.api, token: suite.tokens['main-coordinator'], signal, ...wishes });
  const all: Watched[] = [];
  for (const [index, request] of requests.entries()) {
    const place = requests.length === 1 ? '' : ` ${index + 1} of ${requests.length}`;
    screen.say(['', paint('strong', `━━ Task${place}: ${oneLine(request.title)}`)]);
    const { request: arranged, announcement } = await arrange(request, suite.urls.llm);
    if (announcement !== undefined) screen.say([paint('quiet', announcement)]);
    const watched = await watch(arranged, { desk, screen, paint });
    screen.say(outcomeLines(watched.progress, watched.records, { paint, width: screen.width }));
    all.push(watched);
  }
  return all;
};

const demonstrate = async (commandLine: CommandLine, suite: Suite, session: Session): Promise<boolean> => {
  const { screen, paint } = session;
  screen.say(providerLines(suite, paint));
  const all = await watchAll(commandLine, suite, session);
  const progress = all.map((each) => each.progress);
  screen.say(['', ...summaryLines(progress, { paint, width: screen.width }), '', ...hintLines(suite, paint)]);
  const completed = progress.every(({ state }) => state === 'completed');
  if (commandLine.json) {
    const document = { answersFrom: suite.answersFrom, completed, tasks: all.map(({ records }) => records) };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  if (!completed) process.stderr.write(`${resultLine(progress)}\n`);
  return completed;
};

/** The exit status. */
const run = async (args: readonly string[]): Promise<number> => {
  const commandLine = readCommandLine(args);
  if (commandLine.help) {
    process.stdout.write(usage);
    return 0;
  }
  const session = sessionFor(commandLine);
  const { screen, interrupted } = session;
  interrupted.addEventListener('abort', () => screen.say(['Stopping …']));
  try {
    const suite = await start(session);
    try {
      interrupted.throwIfAborted();
      return (await demonstrate(commandLine, suite, session)) ? 0 : 1;
    } finally {
      await suite.stop();
    }
  } catch (error) {
    if (interrupted.aborted) return interruptedStatus;
    throw error;
  } finally {
    screen.close();
  }
};

const tell = (error: unknown): void => {
  if (error instanceof SuiteError) return void process.stderr.write(`${error.message}\n${error.whatToDo}\n`);
  if (error instanceof ApiError) return void process.stderr.write(`${refusalLines(error.problem).join('\n')}\n`);
  throw error;
};

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.exitCode = 1;
  tell(error);
}
