// Signing in, and the sessions that it makes.
import { z } from 'zod';
import { fakeHash, type AuthAccount } from './accounts.ts';
import { check } from './errors.ts';
import type { AuthState, Operation } from './operations.ts';
import {
  idToken,
  idTokenLifeSeconds,
  readCustomToken,
  readIdToken,
  readRefreshToken,
  refreshToken,
  secondsOf,
  type Session,
} from './tokens.ts';

/** Records a sign-in with the account and returns the tokens that a client gets for it. */
export const signIn = (
  state: AuthState,
  account: AuthAccount,
  from: Omit<Session, 'localId' | 'signedInAt'>,
  now: Date,
) => {
  state.accounts.save({ ...account, lastLoginAt: String(now.getTime()) });
  const session = { ...from, localId: account.localId, signedInAt: secondsOf(now) };
  return tokensOf(state, account, session, now);
};

const tokensOf = (state: AuthState, account: AuthAccount, session: Session, now: Date) => ({
  idToken: idToken(state.projectId, account, session, now),
  refreshToken: refreshToken(session),
  expiresIn: String(idTokenLifeSeconds),
});

/** The account that the bearer of an ID token is signed in to, with the session. */
export const bearer = (state: AuthState, token: string, now: Date) => {
  const session = readIdToken(token, state.projectId, now);
  return { account: activeAccount(state, session), session };
};

const activeAccount = (state: AuthState, session: Session): AuthAccount => {
  const account = state.accounts.find(session.localId);
  check(account, 'USER_NOT_FOUND');
  check(!account.disabled, 'USER_DISABLED');
  check(session.signedInAt >= Number(account.validSince ?? 0), 'TOKEN_EXPIRED');
  return account;
};

const passwordRequest = z.object({ email: z.string().optional(), password: z.string().optional() });

export const signInWithPassword: Operation = (state, { body, now }) => {
  const { email, password } = passwordRequest.parse(body);
  check(email, 'MISSING_EMAIL');
  check(z.email().safeParse(email).success, 'INVALID_EMAIL');
  check(password, 'MISSING_PASSWORD');
  const account = state.accounts.findByEmail(email);
  check(account, 'EMAIL_NOT_FOUND');
  check(!account.disabled, 'USER_DISABLED');
  check(account.salt && account.passwordHash === fakeHash(password, account.salt), 'INVALID_PASSWORD');
  return {
    kind: 'identitytoolkit#VerifyPasswordResponse',
    registered: true,
    localId: account.localId,
    email: account.email,
    displayName: account.displayName ?? '',
    ...signIn(state, account, { provider: 'password', claims: {} }, now),
  };
};

const customTokenRequest = z.object({ token: z.string().optional() });

export const signInWithCustomToken: Operation = (state, { body, now }) => {
  const { token } = customTokenRequest.parse(body);
  check(token, 'MISSING_CUSTOM_TOKEN');
  const { uid, claims } = readCustomToken(token);
  const known = state.accounts.find(uid);
  check(!known?.disabled, 'USER_DISABLED');
  const account = known ?? newAccount(uid, now);
  return {
    kind: 'identitytoolkit#VerifyCustomTokenResponse',
    isNewUser: !known,
    localId: uid,
    ...signIn(state, account, { provider: 'custom', claims }, now),
  };
};

/** An account that has nothing yet but its id. */
export const newAccount = (localId: string, now: Date): AuthAccount => ({
  localId,
  emailVerified: false,
  disabled: false,
  createdAt: String(now.getTime()),
  validSince: String(secondsOf(now)),
});

const refreshRequest = z.object({ grant_type: z.string().optional(), refresh_token: z.string().optional() });

/** `grant_type=refresh_token` of Secure Token: another ID token for the same session. */
export const refresh: Operation = (state, { body, now }) => {
  const request = refreshRequest.parse(body);
  check(request.grant_type === 'refresh_token', 'INVALID_GRANT_TYPE');
  check(request.refresh_token, 'MISSING_REFRESH_TOKEN');
  const session = readRefreshToken(request.refresh_token);
  const tokens = tokensOf(state, activeAccount(state, session), session, now);
  return {
    id_token: tokens.idToken,
    access_token: tokens.idToken,
    refresh_token: tokens.refreshToken,
    expires_in: tokens.expiresIn,
    token_type: 'Bearer',
    user_id: session.localId,
    project_id: state.projectId,
  };
};
