// People and agents who use the API while processes die: each signs in, and asks again until there is an answer.
import { setTimeout as pause } from 'node:timers/promises';
import type { Suite } from '../../local/src/suite.ts';

interface Caller {
  readonly org: string;
  readonly role: 'main-coordinator' | 'operator' | 'agent';
  /** Left out: a person named by role and org. */
  readonly uid?: string;
}

interface Call {
  readonly as: Caller;
  /** Method and path. */
  readonly call: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** What the API answers, parsed; undefined for an empty answer, and when it is too late for what was asked (409). */
export type Ask = (call: Call) => Promise<unknown>;

const audience = 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit';
const againMs = 50;

/** The orgs are not among those that the suite has seeded: callers sign in by custom tokens, which the stand-in takes unsigned. */
export const makeAsk = (suite: Suite): Ask => {
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (caller: Caller): Promise<string> => {
    const name = JSON.stringify(caller);
    const token = tokens.get(name) ?? signIn(suite, caller);
    tokens.set(name, token);
    return token;
  };
  return async (asked) => {
    const token = await tokenOf(asked.as);
    for (;;) {
      const answer = await send(suite, asked, token);
      if (answer !== 'none') return answer;
      await pause(againMs);
    }
  };
};

/** `none`: the process died of it, or somebody else wrote at the same moment. Throws when it is refused for good. */
const send = async (suite: Suite, { call, headers, body }: Call, token: string): Promise<unknown> => {
  const [method = '', path = ''] = call.split(' ');
  const answer = await fetch(`${suite.urls.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => undefined);
  if (!answer || answer.status >= 500) return 'none';
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  if (answer.status !== 409) throw new Error(`${call} was answered with ${answer.status}: ${text}`);
  return text.includes('"store.conflict"') ? 'none' : undefined;
};

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const signIn = async (suite: Suite, { org, role, uid = `${org}-${role}` }: Caller): Promise<string> => {
  const token = `${part({ alg: 'none', typ: 'JWT' })}.${part({ aud: audience, uid, claims: { org, role } })}.`;
  const url = `${suite.urls.auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken?key=any`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, returnSecureToken: true }),
  });
  if (!answer.ok) throw new Error(`The sign-in failed: ${await answer.text()}`);
  return ((await answer.json()) as { idToken: string }).idToken;
};
