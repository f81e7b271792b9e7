// What the team made, as files: one folder for each task.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Records } from './desk.ts';
import { startOf } from './text.ts';

/** Where a folder for each task is made. */
export const outDirectory = 'demo-out';

export interface MadeFile {
  /** Relative to where the demo was started. */
  readonly path: string;
  readonly kind: string;
  readonly content: string;
}

type Made = Pick<Records['artifacts'][number], 'id' | 'kind' | 'content'>;

const extensions: Readonly<Record<string, string>> = {
  openapi: 'openapi.json',
  typescript: 'ts',
  'security-rules': 'rules',
  markdown: 'md',
};

const extensionOf = ({ kind, content }: Made): string => {
  const isYaml = kind === 'openapi' && !content.trimStart().startsWith('{');
  return isYaml ? 'openapi.yaml' : (extensions[kind] ?? 'json');
};

const longestName = 40;

/** A name that any file system takes, of whole words as far as there are some. */
const safe = (text: string): string => {
  const name = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  const start = startOf(name, longestName);
  const whole = start === name || name[start.length] === '-' ? start : start.replace(/-[^-]*$/, '');
  return whole.replace(/-$/, '') || 'task';
};

/** The files of a task: each artifact, then its scratchpad and its report. Pure. */
export const filesOf = (
  title: string,
  records: Pick<Records, 'scratchpad' | 'report'> & { artifacts: readonly Made[] },
): MadeFile[] => {
  const folder = path.join(outDirectory, safe(title));
  const file = (name: string, kind: string, content: string) => ({ path: path.join(folder, name), kind, content });
  return [
    ...records.artifacts.map((made) => file(`${safe(made.id)}.${extensionOf(made)}`, made.kind, made.content)),
    file('scratchpad.md', 'scratchpad', records.scratchpad.markdown),
    file('report.json', 'report', `${JSON.stringify(records.report, undefined, 2)}\n`),
  ];
};

/** Writes the files in place of those of an earlier run. */
export const writeFiles = async (files: readonly MadeFile[]): Promise<void> => {
  const folders = new Set(files.map((file) => path.dirname(file.path)));
  for (const folder of folders) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  await Promise.all(files.map((file) => writeFile(file.path, file.content)));
};
