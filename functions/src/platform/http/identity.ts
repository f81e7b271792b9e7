// Who asks.
//
// I1. Nothing in a token is believed before its signature is checked; an unverified claim can only lead to a refusal.
// I2. Another project's, an unsigned or an expired token is refused without asking the network.
// I3. An outage of the key server is ours to answer for (503), never the caller's fault (401).
// I4. The org of messages that name no org is nobody's: its name in a token counts only with the claim `serviceOperator`, which an
//     administrator gives to operators of the whole service.
import { getAuth, type DecodedIdToken } from 'firebase-admin/auth';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { app } from '../firestore.ts';
import { orgId, role, unroutedOrg, type Role } from '../schemas.ts';
import { isStorableText } from '../storable.ts';
import type { ApiEnv, Identity } from './env.ts';
import { httpErrors } from './errors.ts';

const uid = z.string().min(1).max(128).refine(isStorableText);
const claims = z.object({ uid, org: orgId, role, serviceOperator: z.unknown().optional() });

/** Finds out who asks, and leaves it to `allow` whether that matters. */
export const identify = createMiddleware<ApiEnv>(async (c, next) => {
  c.set('identity', await identityOf(c.req.header('authorization')));
  await next();
});

/** Lets only callers with one of the roles through. Throws http.unauthenticated, http.invalid_token or http.forbidden. */
export const allow = (...allowed: readonly Role[]) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const identity = c.get('identity');
    if ('refusal' in identity) throw identity.refusal;
    if (!allowed.includes(identity.caller.role)) {
      throw new AppError(httpErrors.forbidden, { detail: `The role must be one of: ${allowed.join(', ')}.` });
    }
    c.set('caller', identity.caller);
    await next();
  });

const identityOf = async (authorization: string | undefined): Promise<Identity> => {
  if (authorization === undefined) return { refusal: new AppError(httpErrors.unauthenticated) };
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization)?.[1];
  if (!token || !isFresh(token)) return { refusal: new AppError(httpErrors.invalidToken) };
  try {
    return identityIn(await getAuth(app()).verifyIdToken(token));
  } catch (error) {
    return { refusal: refusalFor(error) };
  }
};

const identityIn = (token: DecodedIdToken): Identity => {
  const parsed = claims.safeParse(token);
  if (!parsed.success) return forbidden('The token has no valid org and role claims.');
  const { serviceOperator, ...caller } = parsed.data;
  // I4
  if (caller.org === unroutedOrg && serviceOperator !== true) return forbidden(`The org "${unroutedOrg}" is reserved.`);
  return { caller };
};

const forbidden = (detail: string): Identity => ({ refusal: new AppError(httpErrors.forbidden, { detail }) });

// I2: the SDK looks at the expiry only after it has fetched the keys.
const isFresh = (token: string): boolean => {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return z.object({ exp: z.number() }).parse(payload).exp * 1_000 > Date.now();
  } catch {
    return false;
  }
};

const refusalCodes = new Set([
  'auth/argument-error',
  'auth/id-token-expired',
  'auth/id-token-revoked',
  'auth/user-disabled',
  'auth/user-not-found',
]);

// The SDK reports a failed key fetch as an argument error too; only its complaints about a token name the token (I3).
const refusalFor = (cause: unknown): AppError => {
  const { code, message } = z
    .object({ code: z.string(), message: z.string() })
    .catch({ code: '', message: '' })
    .parse(cause);
  const aboutToken = refusalCodes.has(code) && (code !== 'auth/argument-error' || message.includes('ID token'));
  return new AppError(aboutToken ? httpErrors.invalidToken : httpErrors.identityUnavailable, { cause });
};
