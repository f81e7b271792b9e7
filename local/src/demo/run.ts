// `npm run demo`: starts the local suite, hands in requests one after the other, shows what happens, and stops everything.
import { ApiError } from '../../../functions/src/client.ts';
import { SuiteError } from '../errors.ts';
import { startSuite, type Suite } from '../suite.ts';
import { type Accident, accident } from './accident.ts';
import { openDesk } from './desk.ts';
import { filesOf, type MadeFile, writeFiles } from './files.ts';
import { hintLines, providerLines, refusalLines, resultLine } from './frame-lines.ts';
import { readCommandLine, usage, type CommandLine } from './options.ts';
import { outcomeLines } from './outcome-lines.ts';
import { plainScreen, silentScreen, terminalScreen, type Screen } from './screen.ts';
import { arrange } from './setbacks.ts';
import { noPaint, paintFor, type Paint } from './style.ts';
import { summaryLines } from './summary-lines.ts';
import { clip, oneLine, seconds, wrap } from './text.ts';
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
  screen.say(
    wrap('Starting the local suite: Firestore and Pub/Sub emulators, sign-in, models, functions …', screen.width),
  );
  const timer = setInterval(() => screen.show(() => [elapsed()]), redrawEveryMs);
  const log = (line: string) => {
    if (!line.startsWith('[')) screen.say([paint('quiet', clip(`suite: ${oneLine(line)}`, screen.width))]);
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

interface Shown extends Watched {
  readonly files: readonly MadeFile[];
}

const watchAll = async (
  { requests, pace, ...wishes }: CommandLine,
  suite: Suite,
  session: Session & Pick<Accident, 'meddle'>,
): Promise<Shown[]> => {
  const { screen, paint, meddle, interrupted: signal } = session;
  const desk = openDesk({ baseUrl: suite.urls.api, token: suite.tokens['main-coordinator'], signal, ...wishes });
  const all: Shown[] = [];
  for (const [index, request] of requests.entries()) {
    const place = requests.length === 1 ? '' : ` ${index + 1} of ${requests.length}`;
    screen.say(['', paint('strong', clip(`━━ Task${place}: ${oneLine(request.title)}`, screen.width))]);
    const announcement = await arrange(request, suite.urls.llm, pace);
    if (announcement !== undefined) screen.say(wrap(announcement, screen.width).map((line) => paint('quiet', line)));
    const watched = await watch(request, { desk, screen, paint, meddle });
    const files = filesOf(request.title, watched.records);
    await writeFiles(files);
    const kept = { report: watched.records.report, files };
    screen.say(outcomeLines(watched.progress, kept, { paint, width: screen.width }));
    all.push({ ...watched, files });
  }
  return all;
};

const untilInterrupted = ({ interrupted }: Session): Promise<void> =>
  new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });

const demonstrate = async (commandLine: CommandLine, suite: Suite, session: Session): Promise<boolean> => {
  const { screen, paint } = session;
  const { keep: isKept, json } = commandLine;
  const frame = { paint, width: screen.width };
  screen.say(providerLines(suite, frame));
  const { meddle, moral } = accident(suite);
  const all = await watchAll(commandLine, suite, { ...session, meddle });
  const progress = all.map((each) => each.progress);
  const completed = progress.every(({ state }) => state === 'completed');
  const lesson = completed ? moral() : undefined;
  if (lesson !== undefined) screen.say([paint('good', lesson)]);
  if (all.length > 1) screen.say(['', ...summaryLines(progress, frame)]);
  const readable = all[0]?.files.find(({ kind }) => kind === 'openapi')?.path;
  screen.say(['', ...hintLines(suite, { paint, isKept, readable })]);
  if (json) {
    const document = { answersFrom: suite.answersFrom, completed, tasks: all.map(({ records }) => records) };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  if (!completed) process.stderr.write(`${resultLine(progress)}\n`);
  if (isKept) await untilInterrupted(session);
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
