// A token for an org that the suite has not seeded: a sign-in with a custom token, which the auth stand-in takes unsigned.
import type { Suite } from '../../local/src/suite.ts';

const audience = 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs in a main coordinator of that org and returns its ID token. */
export const orgToken = async (suite: Suite, org: string): Promise<string> => {
  const payload = { aud: audience, uid: `${org}-coordinator`, claims: { org, role: 'main-coordinator' } };
  const token = `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.`;
  const url = `${suite.urls.auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken?key=any`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, returnSecureToken: true }),
  });
  if (!answer.ok) throw new Error(`The sign-in failed: ${await answer.text()}`);
  return ((await answer.json()) as { idToken: string }).idToken;
};
