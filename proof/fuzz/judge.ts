// What an answer is worth: did the service keep to its document? Pure.
import type { Exchange } from './known.ts';
import type { Validate } from './validate.ts';

/** How the request was made: so that it fits, or broken on purpose. */
export type Intent = 'valid' | 'invalid';

export const faults = ['serverError', 'undocumented', 'mismatch', 'acceptedInvalid'] as const;
export type Fault = (typeof faults)[number];

export interface Verdict {
  readonly fault?: Fault;
  /** Refused for its form though it fits: the document says less than the service demands. */
  readonly refusedValid: boolean;
  readonly why: string;
}

const isSuccess = (status: number) => status >= 200 && status < 300;

const mismatchOf = ({ operation, status, headers, json }: Exchange, validate: Validate): string | undefined => {
  const answer = operation.answers.get(status);
  const missing = answer?.headers.filter((name) => !headers.has(name)) ?? [];
  if (missing.length > 0) return `without the header ${missing.join(', ')}`;
  if (!answer || answer.schemas.size === 0)
    return json === undefined ? undefined : 'with a body that is not documented';
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? 'nothing';
  const pointer = answer.schemas.get(type);
  return pointer === undefined ? `with ${type}` : validate(pointer, json)[0];
};

export const judge = (exchange: Exchange, intent: Intent, validate: Validate): Verdict => {
  const { operation, status, json } = exchange;
  const verdict = (fault: Fault, why: string): Verdict => ({ fault, refusedValid: false, why });
  if (status >= 500) return verdict('serverError', JSON.stringify(json));
  if (!operation.answers.has(status)) return verdict('undocumented', `status ${status}`);
  const mismatch = mismatchOf(exchange, validate);
  if (mismatch !== undefined) return verdict('mismatch', `status ${status} ${mismatch}`);
  if (intent === 'invalid' && isSuccess(status)) return verdict('acceptedInvalid', `status ${status}`);
  return { refusedValid: intent === 'valid' && status === 400, why: JSON.stringify(json) };
};
