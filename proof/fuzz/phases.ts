// The three phases: requests that fit, requests that are broken in one place, and ways through the service along the links of its answers.
import type { Operation } from './document.ts';
import { judge, type Intent } from './judge.ts';
import { leadsFrom, type Arguments, type Known, type Lead } from './known.ts';
import type { Random, Request, Requests } from './request.ts';
import { printed, send, type Client } from './send.ts';
import type { Tally } from './tally.ts';
import type { Validate } from './validate.ts';

export interface Fuzz {
  readonly operations: readonly Operation[];
  readonly requests: Requests;
  readonly known: Known;
  readonly tally: Tally;
  readonly validate: Validate;
  readonly client: Client;
  readonly random: Random;
}

const picked = <T>(items: readonly T[], random: Random): T | undefined => items[Math.floor(random() * items.length)];

/** Sends, judges and counts a request, and resolves with where its answer leads. */
const tried = async (fuzz: Fuzz, request: Request, intent: Intent): Promise<Lead[]> => {
  const exchange = await send(fuzz.client, request);
  const verdict = judge(exchange, intent, fuzz.validate);
  fuzz.tally.add(request.operation.id, exchange.status, verdict, printed(request));
  const leads = leadsFrom(exchange);
  fuzz.known.add(leads);
  return leads;
};

/** The parameters that are ids of the same sort. */
const sameAs: Readonly<Record<string, string>> = { other: 'task' };

/** Mostly of things that are there: what is not is a 404, whatever the rest of the request says. */
const argumentsFor = ({ known, random }: Fuzz, { id, path }: Operation): Arguments => {
  if (random() < 0.1) return {};
  const together = picked(known.for(id), random);
  if (together) return together;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const single = names.map((name) => [name, picked(known.values(sameAs[name] ?? name), random)] as const);
  return Object.fromEntries(single.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
};

export const positive = async (fuzz: Fuzz, count: number): Promise<void> => {
  for (let sent = 0; sent < count; sent += 1) {
    const operation = fuzz.operations[sent % fuzz.operations.length];
    if (operation) await tried(fuzz, fuzz.requests.valid(operation, argumentsFor(fuzz, operation)), 'valid');
  }
};

export const negative = async (fuzz: Fuzz, count: number): Promise<void> => {
  for (let sent = 0; sent < count; sent += 1) {
    const operation = fuzz.operations[sent % fuzz.operations.length];
    const valid = operation && fuzz.requests.valid(operation, argumentsFor(fuzz, operation));
    const invalid = valid && fuzz.requests.invalid(valid);
    if (invalid) await tried(fuzz, invalid, 'invalid');
  }
};

const longestWay = 8;

/** From what makes or lists things on and on along the links, each time anew once a way ends. */
export const stateful = async (fuzz: Fuzz, count: number): Promise<void> => {
  const byId = new Map(fuzz.operations.map((each) => [each.id, each]));
  const starts = fuzz.operations.filter(
    ({ path, answers }) => !path.includes('{') && [...answers.values()].some(({ links }) => links.length > 0),
  );
  let steps = 0;
  let leads: Lead[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const lead = steps < longestWay ? picked(leads, fuzz.random) : undefined;
    const operation = lead ? byId.get(lead.operation) : picked(starts, fuzz.random);
    if (!operation) continue;
    steps = lead ? steps + 1 : 0;
    const found = await tried(fuzz, fuzz.requests.valid(operation, lead?.arguments ?? {}), 'valid');
    leads = found.length > 0 || !lead ? found : leads;
  }
};
