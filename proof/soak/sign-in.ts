// Callers of the API: a main coordinator in each org, with tokens that are renewed before they expire.
import { getAuth } from 'firebase-admin/auth';
import type { App } from 'firebase-admin/app';
import { z } from 'zod';

const password = 'local-only';
const renewAfterMs = 30 * 60 * 1_000;

const signedIn = z.object({ idToken: z.string() });

/** Makes a main coordinator for each org and returns what gives a valid token of it. */
export const signInTo = async (app: App, orgs: readonly string[]): Promise<(org: string) => Promise<string>> => {
  await Promise.all(orgs.map(async (org) => createCoordinator(app, org)));
  const tokens = new Map<string, { readonly value: string; readonly since: number }>();
  return async (org) => {
    const known = tokens.get(org);
    if (known && Date.now() - known.since < renewAfterMs) return known.value;
    const value = await signIn(emailOf(org));
    tokens.set(org, { value, since: Date.now() });
    return value;
  };
};

/** The uid of an org's main coordinator. */
export const coordinatorOf = (org: string) => `coordinator-of-${org}`;

const emailOf = (org: string) => `main-coordinator@${org}.example`;

const createCoordinator = async (app: App, org: string) => {
  const auth = getAuth(app);
  const uid = coordinatorOf(org);
  await auth.createUser({ uid, email: emailOf(org), password });
  await auth.setCustomUserClaims(uid, { org, role: 'main-coordinator' });
};

/** A token of the user with that address and the password that all have here. */
export const signIn = async (email: string): Promise<string> => {
  const host = process.env['FIREBASE_AUTH_EMULATOR_HOST'] ?? '';
  const answer = await fetch(`http://${host}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, returnSecureToken: true }),
  });
  return signedIn.parse(await answer.json()).idToken;
};
