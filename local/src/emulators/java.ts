import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnChild } from '../processes.ts';

/** The command that starts Java: JAVA_HOME's, else the one on PATH. */
export const javaCommand = (env: NodeJS.ProcessEnv): string => {
  const fromHome = env['JAVA_HOME'] && join(env['JAVA_HOME'], 'bin', 'java');
  return fromHome && existsSync(fromHome) ? fromHome : 'java';
};

/** The major version of the Java that would be used, or undefined when there is none. */
export const javaVersion = async (env: NodeJS.ProcessEnv): Promise<number | undefined> => {
  const child = spawnChild({ command: javaCommand(env), args: ['-version'], env });
  const { code } = await child.exited;
  return code === 0 ? majorVersion(child.output()) : undefined;
};

/** Reads what `java -version` prints; releases before 9 call themselves 1.8, 1.7, … */
const majorVersion = (text: string): number | undefined => {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : undefined;
};

/** The Java release that a class file needed, read from the JVM's complaint that it is too new. */
export const neededVersion = (output: string): number | undefined => {
  const match = /UnsupportedClassVersionError.*class file version (\d+)/s.exec(output);
  // Java SE 1.1 wrote class files of version 45, and each release since counts one up.
  return match ? Number(match[1]) - 44 : undefined;
};
