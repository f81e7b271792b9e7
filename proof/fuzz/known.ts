// What the service has told of its things: by the links of its answers, the arguments that its operations can be called with.
import { z } from 'zod';
import type { Link, Operation } from './document.ts';

/** By the name of a path parameter, or `header.<name>`. */
export type Arguments = Readonly<Record<string, string>>;

export interface Exchange {
  readonly operation: Operation;
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
  /** The path parameters of the request. */
  readonly path: Arguments;
}

const node = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

const at = (json: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => {
      const parsed = node.safeParse(value).data;
      return Array.isArray(parsed) ? parsed[Number(name)] : parsed?.[name];
    }, json);

const valueOf = (expression: string, { headers, json, path }: Exchange): string | undefined => {
  const [, source = '', rest = ''] =
    /^\$(request\.path\.|response\.header\.|response\.body#)(.+)$/.exec(expression) ?? [];
  if (source === 'request.path.') return path[rest];
  if (source === 'response.header.') return headers.get(rest) ?? undefined;
  const value = at(json, rest);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

const argumentsOf = ({ parameters }: Link, exchange: Exchange): Arguments | undefined => {
  const given = Object.entries(parameters).map(([name, expression]) => [name, valueOf(expression, exchange)] as const);
  return given.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(given) as Arguments);
};

export interface Lead {
  readonly operation: string;
  readonly arguments: Arguments;
}

/** Where an answer leads. */
export const leadsFrom = (exchange: Exchange): Lead[] =>
  (exchange.operation.answers.get(exchange.status)?.links ?? []).flatMap((link) => {
    const found = argumentsOf(link, exchange);
    return found ? [{ operation: link.operationId, arguments: found }] : [];
  });

const kept = 20;

export interface Known {
  add(leads: readonly Lead[]): void;
  /** The latest arguments for the operation, oldest first. */
  for(operation: string): readonly Arguments[];
  /** The latest values of a path parameter, whatever it was for. */
  values(name: string): readonly string[];
}

export const emptyKnown = (): Known => {
  const calls = new Map<string, Arguments[]>();
  const values = new Map<string, string[]>();
  const keep = <T>(all: Map<string, T[]>, name: string, value: T) =>
    all.set(name, [...(all.get(name) ?? []), value].slice(-kept));
  return {
    add: (leads) => {
      for (const lead of leads) {
        keep(calls, lead.operation, lead.arguments);
        for (const [name, value] of Object.entries(lead.arguments)) keep(values, name, value);
      }
    },
    for: (operation) => calls.get(operation) ?? [],
    values: (name) => values.get(name) ?? [],
  };
};
