// ID tokens like the official emulator's: unsigned JWTs (`alg: none`), which verifyIdToken accepts only while
// FIREBASE_AUTH_EMULATOR_HOST is set. Refresh tokens carry their session and need no memory, so they outlive a restart.
import { z } from 'zod';
import type { AuthAccount } from './accounts.ts';
import { check } from './errors.ts';

export const idTokenLifeSeconds = 3600;

const customTokenAudience = 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit';

const claims = z.record(z.string(), z.unknown());
export type Claims = Readonly<Record<string, unknown>>;

/** One sign-in; its claims come from a custom token and live as long as the session, besides the account's own. */
const session = z.object({
  localId: z.string(),
  provider: z.enum(['password', 'custom', 'anonymous']),
  claims,
  /** Seconds since the epoch. */
  signedInAt: z.int(),
});
export type Session = z.infer<typeof session>;

export const secondsOf = (time: Date) => Math.floor(time.getTime() / 1000);

/** The ID token of a session at that time, with the account's custom claims merged in as production does. */
export const idToken = (projectId: string, account: AuthAccount, { provider, ...from }: Session, now: Date): string => {
  const { localId, email, phoneNumber } = account;
  const issuedAt = secondsOf(now);
  return unsigned({
    ...named(account),
    ...customClaimsOf(account),
    ...from.claims,
    ...(email && { email, email_verified: account.emailVerified }),
    ...(phoneNumber && { phone_number: phoneNumber }),
    ...(provider === 'anonymous' && { provider_id: 'anonymous' }),
    auth_time: from.signedInAt,
    user_id: localId,
    firebase: {
      identities: { ...(email && { email: [email] }), ...(phoneNumber && { phone: [phoneNumber] }) },
      sign_in_provider: provider,
    },
    iat: issuedAt,
    exp: issuedAt + idTokenLifeSeconds,
    aud: projectId,
    iss: `https://securetoken.google.com/${projectId}`,
    sub: localId,
  });
};

const named = ({ displayName, photoUrl }: AuthAccount) => ({
  ...(displayName && { name: displayName }),
  ...(photoUrl && { picture: photoUrl }),
});

const customClaimsOf = ({ customAttributes }: AuthAccount): Claims =>
  customAttributes ? claims.parse(JSON.parse(customAttributes)) : {};

const unsigned = (payload: Claims): string => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(payload)}.`;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const idTokenPayload = z.object({
  user_id: z.string(),
  aud: z.string(),
  auth_time: z.int(),
  exp: z.int(),
  firebase: z.object({ sign_in_provider: z.enum(['password', 'custom', 'anonymous']) }),
});

/** The session that an ID token stands for, without claims of a custom token; refuses what is malformed, foreign or expired. */
export const readIdToken = (token: string, projectId: string, now: Date): Session => {
  const { data } = idTokenPayload.safeParse(decode(token.split('.')[1]));
  check(data && data.aud === projectId, 'INVALID_ID_TOKEN');
  check(data.exp > secondsOf(now), 'TOKEN_EXPIRED');
  return { localId: data.user_id, provider: data.firebase.sign_in_provider, claims: {}, signedInAt: data.auth_time };
};

export const refreshToken = (from: Session): string => encode(from);

export const readRefreshToken = (token: string): Session => {
  const { data } = session.safeParse(decode(token));
  check(data, 'INVALID_REFRESH_TOKEN');
  return data;
};

const customToken = z.object({
  aud: z.literal(customTokenAudience),
  uid: z.string().min(1).max(128),
  claims: claims.default({}),
});

/** What a custom token of firebase-admin says; its signature, if it has one, is not checked. */
export const readCustomToken = (token: string): { uid: string; claims: Claims } => {
  const { data } = customToken.safeParse(decode(token.split('.')[1]));
  check(data, 'INVALID_CUSTOM_TOKEN : The token is malformed, or was not made for Identity Toolkit.');
  return data;
};

const decode = (part: string | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};
