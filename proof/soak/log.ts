// What the suite and the functions say while a soak runs, boiled down: it must stay small however long the soak is.
export interface Death {
  readonly pid: number;
  readonly how: string;
}

export interface LogWatch {
  readonly take: (line: string) => void;
  /** Processes of the functions that ended. */
  deaths(): readonly Death[];
  /** What the functions logged as errors, and how often. */
  errors(): Readonly<Record<string, number>>;
}

const death = /^instance (\d+) of .* died \((.+)\)/;
const structured = /^\[\d+\] (\{.*\})$/;
const maxErrors = 50;

export const watchLog = (onLine?: (line: string) => void): LogWatch => {
  const deaths: Death[] = [];
  const errors = new Map<string, number>();
  return {
    take: (line) => {
      onLine?.(line);
      const [, pid, how] = death.exec(line) ?? [];
      if (pid !== undefined && how !== undefined) deaths.push({ pid: Number(pid), how });
      const error = errorOf(line);
      if (error !== undefined && (errors.has(error) || errors.size < maxErrors)) {
        errors.set(error, (errors.get(error) ?? 0) + 1);
      }
    },
    deaths: () => deaths,
    errors: () => Object.fromEntries(errors),
  };
};

/** Message and code of a record that the functions logged as an error. */
const errorOf = (line: string): string | undefined => {
  const [, json] = structured.exec(line) ?? [];
  if (json === undefined || !json.includes('"ERROR"')) return undefined;
  const record = parsed(json);
  if (record?.['severity'] !== 'ERROR') return undefined;
  const { message, code, error } = record;
  const [sentence] = String(message).split('\n');
  return [sentence, code, typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined]
    .filter((part) => typeof part === 'string')
    .join(': ')
    .slice(0, 200);
};

const parsed = (json: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};
